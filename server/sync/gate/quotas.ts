import { WRITER_CLIENTS, WRITER_CLOCKS } from '../../../src/lib/model/limits.ts';

/** What one person may have written into one document, and how many keys one of its roots may ever have had. */
export type Quota = { clocks: number; clients: number; keys: number };

/** A volume is bounded by its conversation's limits, and every person's keys by their clocks. */
export const VOLUME_QUOTA: Quota = { clocks: WRITER_CLOCKS, clients: WRITER_CLIENTS, keys: Infinity };

/**
 * Documents that live for years. These numbers stop lies (one garbage struct may claim 2⁵³ clocks),
 * not people: a move a minute in every working hour takes eight years to a million.
 */
export const BOARD_QUOTA: Quota = { clocks: 1_000_000, clients: 20_000, keys: 200_000 };
export const DESCRIPTION_QUOTA: Quota = { clocks: 1_000_000, clients: 20_000, keys: Infinity };
/** Each clientID needs a key for every hundred marks of its own, so its count of clientIDs is what bounds an inbox. */
export const INBOX_QUOTA: Quota = { clocks: 10_000_000, clients: 20_000, keys: 60_000 };

/** ClientIDs that one update may bring along: every opening of a document on one device since it last synced. */
export const CLIENTS_PER_UPDATE = WRITER_CLIENTS;

/**
 * Steps that Yjs may take along lists and keys to integrate one update: some 50 ms. Honest updates
 * take a few for each struct; items made to conflict with each other take their square.
 */
export const LIST_STEPS = 300_000;

/** Structs in one update: the smallest that an honest client writes takes some 20 bytes of the 512 kB. */
export const STRUCTS_PER_UPDATE = 60_000;

/** Ranges of living items that one update may delete: each may cut an item in two, which moves all behind it. */
export const LIVE_DELETIONS = 20_000;

/** Levels of a description. Yjs deletes by recursion: thousands of levels overflow every reader's stack. */
export const DESCRIPTION_DEPTH = 100;
