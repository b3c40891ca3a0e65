/** What the gate costs: `node bench/gate.ts`. Medians of one message at a time, and the worst updates known. */
import * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../src/lib/model/client-ids.ts';
import { addCard, addColumn, moveCard, readBoard } from '../src/lib/model/board.ts';
import { appendLog, editMessage, sendMessage } from '../src/lib/model/conversation.ts';
import { newId } from '../src/lib/model/ids.ts';
import type { DocName } from '../src/lib/model/names.ts';
import { judge } from '../server/sync/gate/judge.ts';
import { Overlay } from '../server/sync/gate/overlay.ts';
import type { Verdict, Writer } from '../server/sync/gate/verdict.ts';
import {
  CLIENT,
  any,
  deleted,
  forge,
  garbage,
  item,
  text,
  type Deletion,
  type Section,
} from '../tests/fuzz/gate-forge.ts';

const ME: Writer = { id: newId(), seq: 7, role: 'member' };
const ROOM: DocName = { kind: 'room', id: newId(), volume: 1 };

/** A volume with that many messages by that many clientIDs. */
function volume(messages: number, clients: number): Y.Doc {
  const doc = new Y.Doc();
  const people = Array.from({ length: 12 }, () => newId());
  for (let i = 0; i < messages; i++) {
    const person = i % people.length;
    doc.clientID = mintClientId(person + 20, Math.floor(i / people.length) % Math.ceil(clients / people.length));
    const slot = sendMessage(doc, people[person] ?? '', { text: `message ${i}, some words long as messages are` });
    doc.clientID = mintClientId(SERVER_SEQ, 9);
    appendLog(doc, i + 1, slot, i);
  }
  return doc;
}

/** The update that `fn` makes, on a copy of the document. */
function updateOf(doc: Y.Doc, client: number, fn: (doc: Y.Doc) => void): Uint8Array {
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  copy.clientID = client;
  let made = new Uint8Array();
  copy.on('update', (update: Uint8Array) => {
    made = Uint8Array.from(update);
  });
  copy.transact(() => fn(copy));
  return made;
}

function microseconds(rounds: number, fn: () => unknown): number {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = process.hrtime.bigint();
    fn();
    times.push(Number(process.hrtime.bigint() - start) / 1_000);
  }
  return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)] ?? 0;
}

/** The thread's own time of the best of some runs: others may be busy on the machine. */
function cpuMicroseconds(rounds: number, fn: () => unknown): number {
  const times = Array.from({ length: rounds }, () => {
    const before = process.threadCpuUsage();
    fn();
    const { user, system } = process.threadCpuUsage(before);
    return user + system;
  });
  return Math.min(...times);
}

function report(what: string, verdict: Verdict, value: number): void {
  const said = verdict.kind === 'refuse' ? `refuse ${verdict.code}` : verdict.kind;
  console.log(`${what.padEnd(58)} ${value.toFixed(value < 100 ? 1 : 0).padStart(9)} µs  ${said}`);
}

function measure(
  what: string,
  name: DocName,
  doc: Y.Doc,
  update: Uint8Array,
  o: { rounds?: number; who?: Writer } = {},
): void {
  const { rounds = 3_000, who = ME } = o;
  const run = (): Verdict => judge({ name, doc, overlay: new Overlay(), who, update, step2: true });
  report(what, run(), microseconds(rounds, run));
}

/** Judging, then applying to a fresh copy: what an attacker can take of the event loop. */
function worst(what: string, name: DocName, doc: Y.Doc, update: Uint8Array): void {
  const run = (): Verdict => judge({ name, doc, overlay: new Overlay(), who: ME, update, step2: true });
  const verdict = run();
  const judging = cpuMicroseconds(5, run);
  const copy = new Y.Doc();
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(doc));
  const applying = verdict.kind === 'accept' ? cpuMicroseconds(1, () => Y.applyUpdate(copy, update)) : 0;
  report(
    `${what} (${(update.length / 1024).toFixed(0)} kB, applied in ${(applying / 1_000).toFixed(0)} ms)`,
    verdict,
    judging,
  );
}

console.log('one at a time');
for (const [messages, clients] of [
  [100, 24],
  [500, 24],
  [500, 240],
  [500, 996],
] as const) {
  const doc = volume(messages, clients);
  const send = updateOf(doc, mintClientId(7, 1), (copy) =>
    sendMessage(copy, ME.id, { text: 'some words, as long as messages are' }),
  );
  measure(`a message into ${messages} by ${clients} clientIDs`, ROOM, doc, send);
  if (clients !== 240) continue;
  const mid = newId();
  Y.applyUpdate(
    doc,
    updateOf(doc, mintClientId(7, 1), (copy) => sendMessage(copy, ME.id, { text: 'mine' }, { mid })),
  );
  measure(
    'an edit there',
    ROOM,
    doc,
    updateOf(doc, mintClientId(7, 2), (copy) => editMessage(copy, ME.id, mid, 'better')),
  );
  measure('an echo of all of it', ROOM, doc, Y.encodeStateAsUpdate(doc), { rounds: 200 });
  measure('bytes cut short', ROOM, doc, send.subarray(0, 40));
}
{
  const name: DocName = { kind: 'board', id: newId() };
  const doc = new Y.Doc();
  doc.clientID = mintClientId(20, 1);
  const columns = Array.from({ length: 5 }, (_, i) => addColumn(doc, ME.id, `Column ${i}`) ?? '');
  for (let i = 0; i < 400; i++) addCard(doc, ME.id, columns[i % 5] ?? '', `Card ${i}`);
  const card = readBoard(doc).columns[0]?.cards[3]?.id ?? '';
  measure(
    'a card moved among 400',
    name,
    doc,
    updateOf(doc, mintClientId(7, 1), (copy) => moveCard(copy, card, columns[2] ?? '', null)),
  );
}
const TASK: DocName = { kind: 'task', id: newId() };
const page = new Y.Doc();
page.clientID = CLIENT.alice;
page.transact(() => {
  const paragraph = new Y.XmlElement('paragraph');
  const words = new Y.XmlText();
  page.getXmlFragment('desc').insert(0, [paragraph]);
  paragraph.insert(0, [words]);
  words.insert(0, 'x'.repeat(200_000));
});
{
  const update = updateOf(page, mintClientId(7, 1), (copy) => {
    const node = copy.getXmlFragment('desc').get(0);
    const words = node instanceof Y.XmlElement ? node.get(0) : null;
    if (words instanceof Y.XmlText) words.insert(100, 'y');
  });
  measure('a key pressed in a description', TASK, page, update);
}

console.log('\nthe worst known, with 512 kB to spend');
const structs = (count: number, make: (i: number) => Section['structs'][number]): Section[] => [
  { client: CLIENT.fresh, structs: Array.from({ length: count }, (_, i) => make(i)) },
];
const LETTERS = 2;
const at = (clock: number): readonly [number, number] => [CLIENT.alice, LETTERS + clock];
const odd = (count: number): Deletion[] => [
  [CLIENT.alice, ...Array.from({ length: count }, (_, i) => [LETTERS + 2 * i, 1] as const)],
];
const room = volume(500, 24);
const mine = `m/${ME.id}/${newId()}`;
worst('garbage, struct by struct', TASK, page, forge(structs(200_000, () => garbage(1))));
worst('garbage, struct by struct, in a volume', ROOM, room, forge(structs(200_000, () => garbage(1))));
worst(
  'letters, struct by struct',
  TASK,
  page,
  forge(structs(30_000, (i) => item({ origin: i === 0 ? at(0) : [CLIENT.fresh, i - 1], right: at(1) }, text('y')))),
);
worst(
  'letters at the same place',
  TASK,
  page,
  forge(structs(20_000, () => item({ origin: at(0), right: at(1) }, text('y')))),
);
worst(
  'letters that claim ever wider places',
  TASK,
  page,
  forge(structs(20_000, (i) => item({ origin: at(0), right: at(i + 1) }, text('y')))),
);
worst(
  'letters of many clientIDs at the same place',
  TASK,
  page,
  forge(
    Array.from({ length: 499 }, (_, c) => ({
      client: CLIENT.fresh + c,
      structs: Array.from({ length: 30 }, () => item({ origin: at(0), right: at(1) }, text('y'))),
    })),
  ),
);
const past = (own: number, others: number): Uint8Array =>
  forge([
    {
      client: CLIENT.other,
      structs: Array.from({ length: own }, (_, i) =>
        item({ origin: i === 0 ? at(0) : [CLIENT.other, i - 1], right: at(1) }, text('y')),
      ),
    },
    {
      client: CLIENT.fresh,
      structs: Array.from({ length: others }, () => item({ origin: at(0), right: at(2) }, text('y'))),
    },
  ]);
worst('letters past others', TASK, page, past(7_000, 7_000));
worst('letters past others, as many as pass', TASK, page, past(7_000, 20));
worst('every other letter deleted', TASK, page, forge([], odd(100_000)));
worst('as many deletions as pass', TASK, page, forge([], odd(19_000)));
worst(
  '4,000 writes of a key at its beginning',
  ROOM,
  room,
  forge(
    structs(3_900, (i) =>
      item(i < 2_000 && i > 0 ? { origin: [CLIENT.fresh, i - 1] } : { parent: 'm', key: mine }, any({ d: 1 })),
    ),
  ),
);
{
  const name: DocName = { kind: 'board', id: newId() };
  const key = `card/${newId()}/title`;
  const chain: Section = {
    client: CLIENT.fresh,
    structs: Array.from({ length: 10_000 }, (_, i) =>
      item(i === 0 ? { parent: 'b', key } : { origin: [CLIENT.fresh, i - 1] }, any('x')),
    ),
  };
  const back: Section = {
    client: CLIENT.other,
    structs: Array.from({ length: 9_000 }, () => item({ origin: [CLIENT.fresh, 0] }, any('x'))),
  };
  worst('a key written in a chain and from its beginning', name, new Y.Doc(), forge([chain, back]));
  worst('a key written in a chain', name, new Y.Doc(), forge([chain]));
  worst(
    'keys for ever',
    name,
    new Y.Doc(),
    forge(structs(8_000, (i) => item({ parent: 'b', key: `card/${String(i).padStart(20, 'a')}/title` }, any('x')))),
  );
  worst(
    'one struct of very many values',
    name,
    new Y.Doc(),
    forge(structs(1, () => item({ parent: 'b', key }, any(...Array.from({ length: 90_000 }, () => 'x'))))),
  );
}
worst(
  '2,500 clientIDs',
  ROOM,
  room,
  forge(
    Array.from({ length: 2_500 }, (_, i) => ({
      client: CLIENT.fresh + i,
      structs: [item({ parent: 'm', key: mine }, deleted(1))],
    })),
  ),
);
