/**
 * What presence costs: `npm run bench:presence [-- people rooms seconds]`.
 *
 * A thousand people look at five rooms of one board, each with a socket, their inbox, the board and the room, on the real
 * server process with the embedded database. They behave as idle browsers do: a sign of life after 25 s of silence, and
 * one question every two and a half minutes for what has changed. Measured is the server's processor time: while all of
 * them come, while nobody does anything, and while twenty of them type.
 *
 * Measured on two cores that do nothing else, in % of one, over 240 s: 1,000 idle 2.7, of which sockets and presence take
 * 0.3 and the question for what has changed most of the rest; 20 who type, among 200 in each room, 2.1 more. While a
 * thousand come within 4 s: 4.8 s of processor.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { hashSecret } from '../server/auth/secrets.ts';
import { createLog } from '../server/log.ts';
import { openStore } from '../server/store/store.ts';
import { freshDataDir } from '../tests/harness/data-dir.ts';
import { makeBoard, makeRoom, setUp } from '../tests/harness/people.ts';
import { TestServer } from '../tests/harness/server.ts';
import type { Member, Order } from './presence-crowd.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [people = 1_000, rooms = 5, seconds = 300] = positionals.map(Number);
const TYPISTS = 20;
const TYPING_S = 60;
const WEEK = 7 * 24 * 60 * 60_000;
/** What the server has to do once people have come (joins told, directories written) is over by then. */
const SETTLE_S = 10;

const dataDir = await freshDataDir();
const server = await TestServer.start({ engine: 'embedded', dataDir });
const crowd = fork(fileURLToPath(new URL('./presence-crowd.ts', import.meta.url)), { stdio: 'inherit' });
try {
  const owner = await setUp(server);
  const board = await makeBoard(server, owner);
  const names = Array.from({ length: rooms }, (_, i) => `Room ${i + 1}`);
  const ids = await Promise.all(names.map((name) => makeRoom(server, owner, board, name)));
  await server.stop();
  const members = await populate(board, ids);
  await server.start();

  const coming = await during(() => tell({ kind: 'come', url: server.url, board, members }));
  await during(() => sleep(SETTLE_S));
  const idle = await during(() => sleep(seconds));
  const typing = await during(() => tell({ kind: 'type', people: TYPISTS, seconds: TYPING_S }));
  console.table([
    { phase: `${people} come`, ...coming },
    { phase: `${people} idle in ${rooms} rooms`, ...idle },
    { phase: `${TYPISTS} of them type`, ...typing },
  ]);
} finally {
  crowd.kill();
  await server.dispose();
}

/** Accounts and sessions written as the server would, without a thousand passwords to hash. */
async function populate(board: string, rooms: readonly string[]): Promise<Member[]> {
  const store = await openStore({ dataDir, log: createLog({ level: 'warn' }) });
  const members: Member[] = [];
  await store.transaction(async (tx) => {
    for (let i = 0; i < people; i += 1) {
      const username = `person${i}`;
      const user = await store.users.create({ username, name: `Person ${i}`, passwordHash: '-', admin: false }, tx);
      if (typeof user === 'string') throw new Error(user);
      await store.boards.setMember(board, user.id, 'member', tx);
      const token = sessionToken();
      await store.sessions.insert({ idHash: hashSecret(token), userId: user.id, expiresAt: Date.now() + WEEK }, tx);
      members.push({ id: user.id, seq: user.seq, token, room: rooms[i % rooms.length] ?? '' });
    }
  });
  await store.close();
  return members;
}

/** Forty letters and digits of base 32, as sessions have them. */
function sessionToken(): string {
  return Array.from(randomBytes(40), (byte) => 'abcdefghijklmnopqrstuvwxyz234567'[byte % 32]).join('');
}

async function tell(order: Order): Promise<number> {
  crowd.send(order);
  const [told] = (await once(crowd, 'message')) as [number];
  return told;
}

function sleep(length: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, length * 1_000));
}

/** The server's processor time, and the presence frames that all browsers together were sent, during this. */
async function during(what: () => Promise<unknown>): Promise<Record<string, number | string>> {
  const [cpu, began, before] = [processorMs(), performance.now(), await tell({ kind: 'count' })];
  await what();
  const wall = performance.now() - began;
  const used = processorMs() - cpu;
  const frames = (await tell({ kind: 'count' })) - before;
  return {
    seconds: Math.round(wall / 1_000),
    'processor ms': Math.round(used),
    '% of a core': Number(((used / wall) * 100).toFixed(2)),
    'frames told': frames,
  };
}

/** User and system time of the server process with all its threads, in milliseconds. */
function processorMs(): number {
  const stat = readFileSync(`/proc/${server.pid}/stat`, 'utf8');
  // After the name, which may hold spaces: utime and stime are the 14th and 15th fields of all, in hundredths.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}
