/**
 * The wire of `/api/v1`: what each route answers. The tests parse every answer with these schemas, and the OpenAPI
 * description is made of them, so neither can drift from the server.
 */
import * as v from 'valibot';
import { NOTIFICATION_KINDS } from '../model/inbox-fields.ts';
import { ROLES } from '../model/roles.ts';

const Id = v.string();
/** ISO 8601 in UTC. */
const Time = v.string();
const RoleName = v.picklist(ROLES);
const Conversation = v.string();

export const Me = v.strictObject({
  id: Id,
  seq: v.number(),
  username: v.string(),
  name: v.string(),
  admin: v.boolean(),
  /** Names the session for its owner's sign-out; opens nothing. */
  session: v.string(),
});
/** `token` only where the request asked for one. */
export const SignedIn = v.strictObject({ ...Me.entries, token: v.optional(v.string()) });

export const Session = v.strictObject({
  /** Names the session for its owner; opens nothing. */
  id: Id,
  /** The browser in words, as it was at the sign-in, or 'A program'. Empty where it is not known. */
  device: v.string(),
  createdAt: Time,
  /** To ten minutes. */
  usedAt: Time,
  /** The one that this request was made with. */
  current: v.boolean(),
});

export const Board = v.strictObject({ id: Id, title: v.string(), role: RoleName });
export const Member = v.strictObject({ id: Id, username: v.string(), name: v.string(), role: RoleName });

export const Invitation = v.strictObject({
  /** Names the invitation for its owner; opens nothing. */
  id: v.string(),
  role: RoleName,
  by: Id,
  expiresAt: v.nullable(Time),
  /** How many may still accept it; null for as many as come. */
  usesLeft: v.nullable(v.number()),
});
/** The code is told once: the server keeps its hash only. */
export const NewInvitation = v.strictObject({
  ...Invitation.entries,
  expiresAt: Time,
  code: v.string(),
  url: v.string(),
});
/** Of one that can still be accepted: any other is not found. */
export const InvitationPeek = v.strictObject({
  board: v.strictObject({ title: v.string() }),
  role: RoleName,
  valid: v.literal(true),
});
export const Accepted = v.strictObject({ board: Board, me: Me });

export const Column = v.strictObject({ id: Id, title: v.string(), rank: v.string() });
export const Task = v.strictObject({
  id: Id,
  board: Id,
  /** Null in the archive. */
  column: v.nullable(Id),
  title: v.string(),
  /** Orders the tasks of a column, compared as text. */
  rank: v.string(),
  by: v.nullable(Id),
  assignees: v.array(Id),
  archived: v.boolean(),
});

export const Room = v.strictObject({
  id: Id,
  board: Id,
  name: v.string(),
  /** For those who were let in; the others do not see it. */
  private: v.boolean(),
  /** What it is for; empty for nothing. */
  description: v.string(),
  by: Id,
  createdAt: Time,
  /** Null while it is in use. In an archived room nobody writes. */
  archivedAt: v.nullable(Time),
});

export const Message = v.strictObject({
  id: Id,
  conversation: Conversation,
  volume: v.number(),
  seq: v.number(),
  author: Id,
  at: Time,
  /** As typed, with `@username`; empty when removed. */
  text: v.string(),
  edited: v.boolean(),
  removed: v.boolean(),
  /** The owner who removed it; null when its author did, or nobody. */
  removedBy: v.nullable(Id),
  replyTo: v.nullable(Id),
  reactions: v.array(v.strictObject({ emoji: v.string(), by: v.array(Id) })),
});

/** What a message said, and until when. */
export const Wording = v.strictObject({ text: v.string(), until: Time });

export const Notification = v.strictObject({
  id: v.number(),
  kind: v.picklist(NOTIFICATION_KINDS),
  board: Id,
  conversation: Conversation,
  volume: v.number(),
  seq: v.number(),
  message: Id,
  by: Id,
  at: Time,
  excerpt: v.string(),
  unread: v.boolean(),
  /** Its owner is done with it, or has put it off until then: it is not unread. */
  done: v.boolean(),
  snoozedUntil: v.nullable(Time),
});
export const PushKey = v.strictObject({ key: v.string() });
export const NotificationCount = v.strictObject({ unread: v.number(), mentions: v.number() });
export const Head = v.strictObject({ name: v.string(), rev: v.number() });

export const pageOf = <T extends v.GenericSchema>(item: T) =>
  v.strictObject({ items: v.array(item), next: v.nullable(v.string()) });
