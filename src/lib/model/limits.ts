/** Every limit of the model, with the reason for its size. Lengths are UTF-16 units unless said. */

/** Larger texts render slowly (a table of 18 kB took markdown-it 1.9 s) and belong into a file. */
export const MESSAGE_TEXT = 8_000;
/** Titles of boards, columns and rooms: one line. */
export const TITLE = 200;
/** What a room is for: a line in its header, a paragraph in its details. */
export const ROOM_DESCRIPTION = 500;
/** A card's title: a sentence or two, where people paste whole lines. */
export const CARD_TITLE = 500;
/** Usernames are `[a-z0-9._-]{2,32}`; display names are free. */
export const PERSON_NAME = 100;

/**
 * A volume's log is full. What a device that has nothing must fetch to read the newest 50 messages is the last volume,
 * and the one before while that has fewer: at most 249 messages of the usual length, 20 kB gzipped (`bench/open.ts`).
 */
export const VOLUME_ENTRIES = 200;
/** Every transaction walks all clientIDs ever seen: 1,000 cost 0.3 ms, 10,000 cost 9 ms. */
export const VOLUME_CLIENTS = 1_000;
/** Bytes of an encoded volume, whatever the count of its messages. */
export const VOLUME_BYTES = 1_000_000;

/** A long offline session arrives as one SyncStep2. */
export const STEP2_BYTES = 512 * 1024;
/** One update while connected: 30 of the largest messages. */
export const UPDATE_BYTES = 256 * 1024;
/** What one person may write into one volume: clocks (a message, an edit and a reaction are one each). */
export const WRITER_CLOCKS = 4_000;
/** What one person may write into one volume: clientIDs (one for every opening of it on a device). */
export const WRITER_CLIENTS = 500;

/** Notifications kept in the inbox: 11 kB after 100,000 came and went. */
export const INBOX_ENTRIES = 200;
/** Text of a message that a notification shows. */
export const EXCERPT = 140;
export const REACTIONS_PER_PERSON = 8;
/** Kinds of reactions that a message is offered: beyond that nobody can see them at a glance. */
export const REACTION_KINDS = 50;
/** The longest emoji of Unicode 16 has 15 units; flags of regions have 14. */
export const EMOJI = 32;
export const ATTACHMENTS = 10;
/** A preference is a flag, a number or a word. */
export const PREF_TEXT = 200;
/** Digits of a rank: some 130 insertions into the same gap, then its neighbours move apart. */
export const RANK_LENGTH = 32;
/** Rows of the list that completes a mention. */
export const MENTION_ROWS = 8;

/** How long a moderator is offered to take a removal back, milliseconds; the words stay a little longer, for the way there. */
export const REMOVAL_UNDO_MS = 10_000;

/** Earlier wordings that are kept of a message: the newest. At most 400 kB of one, whoever edits it how often. */
export const EDITS_KEPT = 50;

/** Emoji that are offered while a code is typed. */
export const EMOJI_ROWS = 8;

/**
 * Asks and wishes that wait for an answer. A device makes no more than `ASKS_HERE`; the server takes `ASKS_OPEN` of one
 * person, so that what two of their devices asked for apart is taken together.
 */
export const ASKS_HERE = 60;
export const ASKS_OPEN = 120;

/** The last moment that a clock of JavaScript knows, in milliseconds: a later one cannot be shown. */
export const LAST_MOMENT = 8.64e15;
