/**
 * The wire of `/api/v1`: what each route takes. Objects are strict: a field that a route does not know is refused, so
 * a misspelt or forbidden one (`admin: true`) is never silently dropped. Import only types of this file into browser
 * code: valibot does not belong into the first load.
 */
import * as v from 'valibot';
import { CARD_TITLE, MESSAGE_TEXT, PERSON_NAME, ROOM_DESCRIPTION, TITLE } from '../model/limits.ts';
import { isConversation, type ConversationRef } from '../model/names.ts';
import { isId } from '../model/ids.ts';
import { cleanText, isBlank, isText, isTitle } from '../model/plain.ts';
import { ROLES } from '../model/roles.ts';
import { HEADS_OF } from './limits.ts';

/** Names that mentions use for groups, and those that people would take for one. */
export const RESERVED_USERNAMES = ['room', 'here', 'board', 'all', 'everyone', 'channel'];
export const PASSWORD_MIN = 8;
export const PASSWORD_MAX = 200;
export const INVITATION_DAYS = 7;
/** Entries of one page unless asked otherwise, and at most. */
export const PAGE_DEFAULT = 50;
export const PAGE_MAX = 200;

/** One line, by the model's own idea of it: what would not be shown is not taken. */
const line = (max: number) =>
  v.pipe(
    v.string('must be text'),
    v.trim(),
    v.maxLength(max, `must have at most ${max} characters`),
    v.check((s) => !LINE_BREAK.test(s), 'must be one line'),
    v.check((s) => isTitle(s, max), 'must not be empty'),
  );
const LINE_BREAK = /[\n\r\u2028\u2029]/;

export const Id = v.pipe(
  v.string('must be an id'),
  v.check((s) => isId(s), 'must be an id: 16 to 24 letters and digits'),
);

export const Username = v.pipe(
  v.string('must be text'),
  v.trim(),
  v.toLowerCase(),
  v.regex(/^[a-z0-9._-]{2,32}$/, 'must have 2 to 32 of the characters a-z 0-9 . _ -'),
  v.check((s) => !RESERVED_USERNAMES.includes(s), 'is reserved; choose another'),
);

/** What people type to sign in: any text, so that a wrong one is answered like a wrong password. */
const AnyUsername = v.pipe(v.string('must be text'), v.trim(), v.toLowerCase(), v.maxLength(200, 'is too long'));
const AnyPassword = v.pipe(v.string('must be text'), v.maxLength(PASSWORD_MAX, 'is too long'));

export const Password = v.pipe(
  v.string('must be text'),
  v.minLength(PASSWORD_MIN, `must have at least ${PASSWORD_MIN} characters`),
  v.maxLength(PASSWORD_MAX, `must have at most ${PASSWORD_MAX} characters`),
);

export const PersonName = v.pipe(
  line(PERSON_NAME),
  // Names stand in sentences and beside other names. Marks that only say a letter's direction (U+200E, U+200F) are fine.
  v.check((s) => !/[\u202a-\u202e\u2066-\u2069]/.test(s), 'must not turn the direction of what stands beside it'),
);
export const RoleName = v.picklist(ROLES, `must be one of ${ROLES.join(', ')}`);
const Secret = v.pipe(v.string('must be text'), v.minLength(1, 'must not be empty'), v.maxLength(200, 'is too long'));
const Title = line(TITLE);
const CardTitle = line(CARD_TITLE);
const Conversation = v.custom<ConversationRef>(isConversation, 'must be room/<id> or task/<id>');
const MessageText = v.pipe(
  v.string('must be text'),
  v.check((s) => !isBlank(s), 'must not be empty'),
  v.maxLength(MESSAGE_TEXT, `must have at most ${MESSAGE_TEXT} characters`),
);

const account = { username: Username, name: PersonName, password: Password };

export const SetupBody = v.strictObject({ token: Secret, ...account });

/** `only`: the session that is meant, as `Me` names it. */
export const SignOutQuery = v.strictObject({ only: v.optional(v.pipe(v.string(), v.maxLength(64))) });

/** `token: true` answers with the session's token for `Authorization: Bearer` instead of setting a cookie. */
export const SignInBody = v.strictObject({
  username: AnyUsername,
  password: AnyPassword,
  token: v.optional(v.boolean('must be true or false')),
});

export const MePatch = v.pipe(
  v.strictObject({
    name: v.optional(PersonName),
    password: v.optional(v.strictObject({ current: AnyPassword, new: Password })),
  }),
  v.check((o) => o.name !== undefined || o.password !== undefined, 'Send a name or a password to change'),
);

export const BoardBody = v.strictObject({ title: Title });
export const MemberBody = v.strictObject({ role: RoleName });

export const InvitationBody = v.strictObject({
  role: RoleName,
  /** Seconds. */
  expiresIn: v.optional(
    v.pipe(
      v.number('must be a number of seconds'),
      v.integer('must be a whole number of seconds'),
      v.minValue(60, 'must be at least 60 seconds'),
      v.maxValue(365 * 86_400, 'must be at most a year'),
    ),
    INVITATION_DAYS * 86_400,
  ),
  /** How many people may accept it; as many as come until it expires when absent. */
  uses: v.optional(
    v.pipe(
      v.number('must be a number'),
      v.integer('must be a whole number'),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(10_000, 'must be at most 10000'),
    ),
  ),
});

/** A new account, or nothing when signed in. */
export const AcceptBody = v.pipe(
  v.strictObject({
    username: v.optional(Username),
    name: v.optional(PersonName),
    password: v.optional(Password),
  }),
  v.check(
    (o) => Object.keys(o).length === 0 || Object.keys(o).length === 3,
    'Send username, name and password for a new account, or {} when signed in',
  ),
);

export const ColumnBody = v.strictObject({ title: Title });
export const TaskBody = v.strictObject({ column: Id, title: CardTitle });

export const TaskPatch = v.strictObject({
  title: v.optional(CardTitle),
  column: v.optional(Id),
  /** The task to stand before in its column; null for its end. */
  before: v.optional(v.nullable(Id)),
  assignees: v.optional(v.pipe(v.array(Id, 'must be a list of ids'), v.maxLength(50, 'must hold at most 50 people'))),
  archived: v.optional(v.boolean('must be true or false')),
});

export const RoomBody = v.strictObject({ name: Title, private: v.optional(v.boolean('must be true or false')) });
export const RoomPatch = v.strictObject({
  name: v.optional(Title),
  description: v.optional(
    v.pipe(
      v.string('must be text'),
      v.transform((s) => cleanText(s).trim()),
      v.check((s) => isText(s, ROOM_DESCRIPTION), `must have at most ${ROOM_DESCRIPTION} characters`),
    ),
  ),
  archived: v.optional(v.boolean('must be true or false')),
});
export const MessageBody = v.strictObject({
  text: MessageText,
  /** The id of a message of the same conversation. */
  replyTo: v.optional(Id),
});
export const MessagePatch = v.strictObject({ text: MessageText });
export const MarkReadBody = v.strictObject({ conversation: v.optional(Conversation) });

/** What a browser's PushManager gives: where to send to, its public key (65 bytes) and a secret (16 bytes). */
export const PushBody = v.strictObject({
  endpoint: v.pipe(v.string(), v.maxLength(1_000)),
  keys: v.strictObject({
    p256dh: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{87}$/)),
    auth: v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]{22}$/)),
  }),
});

/** `?of=` names of documents, with commas between them. */
export const HeadsQuery = v.strictObject({
  of: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^[0-9a-z/,]{1,8000}$/, 'must be names of documents with commas between them'),
      v.transform((names) => names.split(',')),
      v.maxLength(HEADS_OF, `must be at most ${HEADS_OF} names`),
    ),
  ),
});

/** `?cursor=&limit=` of every list. */
export const PageQuery = v.strictObject({
  cursor: v.optional(v.pipe(v.string(), v.regex(/^[0-9a-z._-]{1,100}$/, 'must be the next of an earlier page'))),
  limit: v.optional(
    v.pipe(
      v.string(),
      v.regex(/^\d{1,6}$/, 'must be a whole number'),
      v.transform(Number),
      v.minValue(1, 'must be at least 1'),
      v.maxValue(PAGE_MAX, `must be at most ${PAGE_MAX}`),
    ),
    String(PAGE_DEFAULT),
  ),
});
export const RoomsQuery = v.strictObject({
  ...PageQuery.entries,
  /** `true` for those that are archived, instead of those in use. */
  archived: v.optional(v.picklist(['true', 'false'], 'must be true or false')),
});
