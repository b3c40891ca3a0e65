import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../../src/lib/model/client-ids.ts';
import * as board from '../../src/lib/model/board.ts';
import * as conversation from '../../src/lib/model/conversation.ts';
import type { DocName } from '../../src/lib/model/names.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import { judge } from '../../server/sync/gate/judge.ts';
import { Overlay } from '../../server/sync/gate/overlay.ts';
import type { Verdict, Writer } from '../../server/sync/gate/verdict.ts';

/** Bytes of an update as no honest client would write them: anything goes. */
export type Id = readonly [client: number, clock: number];
type Encode = (encoder: encoding.Encoder) => void;
export type Content = { ref: number; write: Encode };

export const any = (...values: unknown[]): Content => ({
  ref: 8,
  write: (e) => {
    encoding.writeVarUint(e, values.length);
    for (const value of values) encoding.writeAny(e, value as never);
  },
});
export const deleted = (length: number): Content => ({ ref: 1, write: (e) => encoding.writeVarUint(e, length) });
export const json = (text: string): Content => ({
  ref: 2,
  write: (e) => {
    encoding.writeVarUint(e, 1);
    encoding.writeVarString(e, text);
  },
});
export const binary = (bytes: number): Content => ({
  ref: 3,
  write: (e) => encoding.writeVarUint8Array(e, new Uint8Array(bytes)),
});
export const text = (value: string): Content => ({ ref: 4, write: (e) => encoding.writeVarString(e, value) });
export const embed = (value: unknown): Content => ({
  ref: 5,
  write: (e) => encoding.writeVarString(e, JSON.stringify(value)),
});
export const format = (key: string, value: unknown): Content => ({
  ref: 6,
  write: (e) => {
    encoding.writeVarString(e, key);
    encoding.writeVarString(e, JSON.stringify(value));
  },
});
/** 0 Array, 1 Map, 2 Text, 3 XmlElement, 4 XmlFragment, 5 XmlHook, 6 XmlText. */
export const type = (ref: number, name?: string): Content => ({
  ref: 7,
  write: (e) => {
    encoding.writeVarUint(e, ref);
    if (name !== undefined) encoding.writeVarString(e, name);
  },
});
export const subdoc = (): Content => ({
  ref: 9,
  write: (e) => {
    encoding.writeVarString(e, 'inner');
    encoding.writeAny(e, {});
  },
});

export type Spot = { origin?: Id; right?: Id; parent?: string | Id; key?: string };

/** An item; where it has neither origin nor right origin it names its parent. */
export function item(spot: Spot, content: Content): Encode {
  return (e) => {
    const { origin, right, parent, key } = spot;
    encoding.writeUint8(
      e,
      content.ref |
        (origin === undefined ? 0 : 0x80) |
        (right === undefined ? 0 : 0x40) |
        (key === undefined ? 0 : 0x20),
    );
    if (origin !== undefined) writeId(e, origin);
    if (right !== undefined) writeId(e, right);
    if (origin === undefined && right === undefined) {
      encoding.writeVarUint(e, typeof parent === 'string' ? 1 : 0);
      if (typeof parent === 'string') encoding.writeVarString(e, parent);
      else writeId(e, parent ?? [0, 0]);
      if (key !== undefined) encoding.writeVarString(e, key);
    }
    content.write(e);
  };
}

export const garbage =
  (length: number): Encode =>
  (e) => {
    encoding.writeUint8(e, 0);
    encoding.writeVarUint(e, length);
  };
export const skip =
  (length: number): Encode =>
  (e) => {
    encoding.writeUint8(e, 10);
    encoding.writeVarUint(e, length);
  };
export const bytes =
  (...values: number[]): Encode =>
  (e) => {
    for (const value of values) encoding.writeUint8(e, value);
  };

export type Section = { client: number; clock?: number; structs: Encode[]; count?: number };
export type Deletion = readonly [client: number, ...ranges: (readonly [clock: number, length: number])[]];

export function forge(
  sections: readonly Section[],
  deletions: readonly Deletion[] = [],
  { sectionCount = sections.length }: { sectionCount?: number } = {},
): Uint8Array {
  return encoding.encode((e) => {
    encoding.writeVarUint(e, sectionCount);
    for (const { client, clock = 0, structs, count = structs.length } of sections) {
      encoding.writeVarUint(e, count);
      encoding.writeVarUint(e, client);
      encoding.writeVarUint(e, clock);
      for (const struct of structs) struct(e);
    }
    encoding.writeVarUint(e, deletions.length);
    for (const [client, ...ranges] of deletions) {
      encoding.writeVarUint(e, client);
      encoding.writeVarUint(e, ranges.length);
      for (const [clock, length] of ranges) {
        encoding.writeVarUint(e, clock);
        encoding.writeVarUint(e, length);
      }
    }
  });
}

function writeId(e: encoding.Encoder, [client, clock]: Id): void {
  encoding.writeVarUint(e, client);
  encoding.writeVarUint(e, clock);
}

export const ALICE = 'alice000000000000000';
export const MALLORY = 'mallory0000000000000';
export const SEQ = { alice: 3, mallory: 7 };
/** ClientIDs, by whose they are. `mallory` has written already, `fresh` has not. */
export const CLIENT = {
  alice: mintClientId(SEQ.alice, 11),
  mallory: mintClientId(SEQ.mallory, 22),
  fresh: mintClientId(SEQ.mallory, 33),
  other: mintClientId(SEQ.mallory, 44),
  server: mintClientId(SERVER_SEQ, 55),
};
export const MID = { alice: 'aliceword00000000000', mallory: 'malloryword000000000', fresh: 'freshword00000000000' };
export const ROOM: DocName = { kind: 'room', id: 'room0000000000000000', volume: 1 };
export const BOARD: DocName = { kind: 'board', id: 'board000000000000000' };
export const TASK: DocName = { kind: 'task', id: 'task0000000000000000' };
export const INBOX: DocName = { kind: 'inbox', id: MALLORY };
export const CARD = 'card0000000000000000';
export const COLUMN = 'column00000000000000';

export const mallory = (role: Role | null = 'member'): Writer => ({ id: MALLORY, seq: SEQ.mallory, role });

function writeAs(doc: Y.Doc, client: number, fn: () => void): void {
  doc.clientID = client;
  doc.transact(fn);
}

/**
 * Where each client's clocks are: alice 0 her message, 1 her reaction, 2 her edit (so 0 is deleted);
 * mallory 0 and 1 the same message twice; server 0, 1 the log, 2 meta, 3 mod.
 */
export function room(): Y.Doc {
  const doc = new Y.Doc();
  writeAs(doc, CLIENT.alice, () => {
    conversation.sendMessage(doc, ALICE, { text: 'hello' }, { mid: MID.alice, now: 1 });
    conversation.setReactions(doc, ALICE, `${ALICE}/${MID.alice}`, ['👍']);
    conversation.editMessage(doc, ALICE, MID.alice, 'hello all');
  });
  writeAs(doc, CLIENT.mallory, () => {
    conversation.sendMessage(doc, MALLORY, { text: 'hi' }, { mid: MID.mallory, now: 1 });
    conversation.editMessage(doc, MALLORY, MID.mallory, 'hi all');
  });
  writeAs(doc, CLIENT.server, () => {
    conversation.appendLog(doc, 1, `${ALICE}/${MID.alice}`, 100);
    conversation.appendLog(doc, 2, `${MALLORY}/${MID.mallory}`, 200);
    conversation.setFirst(doc, 1);
    conversation.moderate(doc, `${MALLORY}/${'x'.repeat(20)}`, ALICE);
  });
  return doc;
}

/** alice 0 to 2 the column, 3 to 5 the card (title, by, pos); server 0 mallory as a member, 1 the title. */
export function boardOf(): Y.Doc {
  const doc = new Y.Doc();
  writeAs(doc, CLIENT.alice, () => {
    board.addColumn(doc, ALICE, 'To do', COLUMN);
    board.addCard(doc, ALICE, COLUMN, 'Paint', CARD);
  });
  writeAs(doc, CLIENT.server, () => {
    doc.getMap('people').set(MALLORY, { username: 'mallory', name: 'Mallory', role: 'member' });
    board.setTitle(doc, 'House');
  });
  return doc;
}

/** alice 0 a paragraph, 1 its text, 2 to 6 the word 'hello', 7 an attribute. */
export function descriptionOf(): Y.Doc {
  const doc = new Y.Doc();
  writeAs(doc, CLIENT.alice, () => {
    const paragraph = new Y.XmlElement('paragraph');
    doc.getXmlFragment('desc').insert(0, [paragraph]);
    const words = new Y.XmlText();
    paragraph.insert(0, [words]);
    words.insert(0, 'hello');
    paragraph.setAttribute('align', 'left');
  });
  return doc;
}

/** mallory 0 a draft, 1 marks; server 0 a board, 1 a notification, 2 an answer. */
export function inboxOf(): Y.Doc {
  const doc = new Y.Doc();
  writeAs(doc, CLIENT.mallory, () => {
    doc.getMap('drafts').set('room/room0000000000000000', 'not yet');
    doc.getMap('read').set(`w/${CLIENT.mallory.toString(36)}/0`, { 'room/room0000000000000000': 4 });
  });
  writeAs(doc, CLIENT.server, () => {
    doc.getMap('boards').set(BOARD.id, { title: 'House', role: 'viewer' });
    doc.getArray('n').push([{ id: 1 }]);
    doc.getMap('asked').set(`board/${BOARD.id}`, { ok: 1 });
  });
  return doc;
}

/** The verdict on an update, as 'accept', 'echo', 'defer' or the code of the refusal. */
export function answerTo(
  update: Uint8Array,
  o: { name?: DocName; doc?: Y.Doc; who?: Writer; overlay?: Overlay; step2?: boolean } = {},
): string {
  const verdict = verdictOn(update, o);
  return verdict.kind === 'refuse' ? verdict.code : verdict.kind;
}

export function verdictOn(
  update: Uint8Array,
  o: { name?: DocName; doc?: Y.Doc; who?: Writer; overlay?: Overlay; step2?: boolean } = {},
): Verdict {
  const { name = ROOM, doc = room(), who = mallory(), overlay = new Overlay(), step2 = false } = o;
  return judge({ name, doc, overlay, who, update, step2 });
}

/** One attack of a table: the rule it is against, what it is, its bytes, the answer, and who tries. */
export type Attack = [rule: string, name: string, update: Uint8Array, answer: string, who?: Writer];

/** One new item of Mallory's under a clientID that has not written yet. */
export const write = (spot: Spot, content: Content, deletions: Deletion[] = []): Uint8Array =>
  forge([{ client: CLIENT.fresh, structs: [item(spot, content)] }], deletions);
export const erase = (...deletions: Deletion[]): Uint8Array => forge([], deletions);
/** JSON.parse makes `__proto__` a property like any other. */
export const evil = (json: string): unknown => JSON.parse(json) as unknown;
