/**
 * What opening a room costs, by how much was ever said in it: `npm run bench:open [-- few many rounds]`.
 *
 * Two rooms of one board, of 1,000 and of 1,000,000 messages (and as many in the head volume), on the real server
 * process with the embedded database. A new device opens each in turn: it has nothing, finds the last volume in the
 * board's directory, and is done when the newest 50 messages can be read. Nobody else has the room open, so the server
 * loads it from the database every time.
 *
 * Measured on two busy cores, 40 openings each: 1,100 messages 8.5 ms, 21.5 kB, 7.6 gzipped; 1,000,100 messages 7.5 ms,
 * 23.4 kB, 8.0 gzipped (time ×0.88, bytes ×1.06: these hundred messages are not those). With the head one below full
 * volumes, the most that an opening fetches is 249 messages, 20 kB gzipped.
 */
import { gzipSync } from 'node:zlib';
import { parseArgs } from 'node:util';
import { VOLUME_ENTRIES } from '../src/lib/model/limits.ts';
import { createLog } from '../server/log.ts';
import { openStore } from '../server/store/store.ts';
import { freshDataDir } from '../tests/harness/data-dir.ts';
import { call, join, makeBoard, makeRoom, setUp, type Person } from '../tests/harness/people.ts';
import { TestServer } from '../tests/harness/server.ts';
import { writeHistory } from './history.ts';
import { openRoom, type Opening } from './opener.ts';

const AUTHORS = 11;
/** The head volume of both rooms holds this many: as a reader finds it on average. */
const IN_HEAD = Math.floor(VOLUME_ENTRIES / 2);

const { positionals } = parseArgs({ allowPositionals: true });
const [few = 1_000, many = 1_000_000, rounds = 40] = positionals.map(Number);

const dataDir = await freshDataDir();
const server = await TestServer.start({ engine: 'embedded', dataDir });
try {
  const owner = await setUp(server);
  const board = await makeBoard(server, owner);
  const authors: Person[] = [owner];
  for (let i = 1; i <= AUTHORS; i += 1) authors.push(await join(server, owner, board, `person${i}`, `Person ${i}`));
  const rooms = await Promise.all(['Young', 'Old'].map((name) => makeRoom(server, owner, board, name)));
  const sizes = [few, many].map((size) => Math.max(0, Math.floor(size / VOLUME_ENTRIES) * VOLUME_ENTRIES) + IN_HEAD);
  await server.stop();
  await fill(rooms, sizes, authors);
  await server.start();
  await settle(owner, board, rooms, sizes);
  report(sizes, await measure(owner, board, rooms));
} finally {
  await server.dispose();
}

async function fill(rooms: readonly string[], sizes: readonly number[], authors: readonly Person[]): Promise<void> {
  const store = await openStore({ dataDir, log: createLog({ level: 'warn' }) });
  for (const [i, room] of rooms.entries()) {
    const began = performance.now();
    const count = sizes[i] ?? 0;
    await writeHistory(store, { ref: `room/${room}`, authors, count, perVolume: VOLUME_ENTRIES, seed: 1 });
    console.log(`wrote ${count} messages in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  }
  await store.close();
}

/** The directory of the board learns how far the rooms have come when the board is opened. */
async function settle(who: Person, board: string, rooms: readonly string[], sizes: readonly number[]): Promise<void> {
  for (const [i, room] of rooms.entries()) {
    for (;;) {
      const opening = await openRoom(server, who, board, room);
      if (opening.newest === sizes[i]) break;
    }
  }
}

async function measure(who: Person, board: string, rooms: readonly string[]): Promise<Opening[][]> {
  await call(server, who, 'GET', '/me');
  const found: Opening[][] = rooms.map(() => []);
  for (let round = 0; round < rounds; round += 1) {
    // In turn, and each first as often: what else the machine does meets both alike.
    const order = round % 2 === 0 ? [0, 1] : [1, 0];
    for (const i of order) found[i]?.push(await openRoom(server, who, board, rooms[i] ?? ''));
  }
  return found;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function report(sizes: readonly number[], openings: readonly Opening[][]): void {
  const rows = openings.map((list, i) => ({
    messages: sizes[i],
    'ms (median)': Number(median(list.map(({ ms }) => ms)).toFixed(1)),
    'bytes of the room': median(list.map(({ room }) => room.length)),
    gzipped: median(list.map(({ room }) => gzipSync(room).length)),
    'messages read': median(list.map(({ messages }) => messages)),
  }));
  console.table(rows);
  const [young, old] = rows;
  if (young === undefined || old === undefined) throw new Error('nothing was measured');
  const ratio = (a: number, b: number): string => (a / b).toFixed(2);
  console.log(`time ×${ratio(old['ms (median)'], young['ms (median)'])}, bytes ×${ratio(old.gzipped, young.gzipped)}`);
}
