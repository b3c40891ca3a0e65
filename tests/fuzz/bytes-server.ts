import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as prng from 'lib0/prng';
import { WebSocket } from 'ws';
import { newId } from '../../src/lib/model/ids.ts';
import { sendMessage, readVolume } from '../../src/lib/model/conversation.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import type { Watched } from '../harness/loop-watch.ts';
import { call, join as joinBoard, makeBoard, makeRoom, setUp } from '../harness/people.ts';
import { RawClient } from '../harness/raw-client.ts';
import { TestServer } from '../harness/server.ts';
import type { Pool } from './bytes-mutator.ts';
import { base64, STALL_MS, type Report } from './bytes-report.ts';
import { mutateFrame, plainFrames, poolOfFrames, record, type Session } from './bytes-traffic.ts';

const AT_ONCE = 12;
const CHECK_EVERY = 15;
const FINDINGS = 10;
/** Resident memory of a process follows its collector and its caches, which take their time. */
const RSS_GROWTH_BYTES = 300 * 1024 * 1024;
const PRELOAD = import.meta.resolve('../harness/loop-watch.ts');

/**
 * Target 3, the whole server as its own process: mutants of a real provider's frames over real WebSockets, beside
 * somebody who goes on working, with the stall of its event loop watched from inside.
 */
export async function fuzzServer(seed: number, seconds: number): Promise<Report> {
  const random = prng.create(seed);
  const report: Report = {
    target: 'server',
    seed,
    executions: 0,
    seconds,
    longestStall: 0,
    growth: 0,
    notes: '',
    findings: [],
  };
  const watch = join(tmpdir(), `taskflow-fuzz-${randomBytes(6).toString('hex')}`);
  const server = await TestServer.start({
    engine: 'embedded',
    // Everybody comes from an address of their own: who floods from one is turned away at the door.
    env: { NODE_OPTIONS: `--import ${PRELOAD}`, LOOP_WATCH: watch, LOG_LEVEL: 'error', TRUST_PROXY: '1' },
  });
  const recent: string[][] = [];
  const codes = new Map<string, number>();
  try {
    const { sessions, pool, bea } = await settle(server, seed);
    const { pid } = server;
    const resting = (await watched(watch)).rss;
    const end = performance.now() + seconds * 1000;
    for (let n = 1; performance.now() < end && report.findings.length < FINDINGS; n++) {
      const inputs = Array.from({ length: AT_ONCE }, () => inputOf(random, sessions, pool));
      for (const { frames } of inputs) recent.push(frames.map(base64));
      if (recent.length > 300) recent.splice(0, 150);
      for (const code of await Promise.all(inputs.map((input) => play(server.url, input, addressFrom(random))))) {
        codes.set(String(code), (codes.get(String(code)) ?? 0) + 1);
      }
      report.executions += inputs.reduce((sum, { frames }) => sum + frames.length, 0);
      if (n % CHECK_EVERY !== 0) continue;
      const { longestStall, rss } = await watched(watch);
      report.longestStall = Math.max(report.longestStall, longestStall);
      report.growth = rss - resting;
      const wrong = await troubleOf(server, pid, bea, longestStall, report.growth);
      if (wrong !== null) report.findings.push({ target: 'server', what: wrong, input: recent.slice(-100) });
    }
  } catch (error) {
    report.findings.push({
      target: 'server',
      what: `${error instanceof Error ? error.message : String(error)}\n${server.output.slice(-2_000)}`,
      input: recent.slice(-100),
    });
  } finally {
    await server.dispose();
    rmSync(watch, { force: true });
  }
  report.notes = `sockets ended with ${JSON.stringify(Object.fromEntries(codes))}`;
  return report;
}

/** What is wrong with the server now, in words; null for nothing. */
async function troubleOf(
  server: TestServer,
  pid: number | undefined,
  bea: Bystander,
  stall: number,
  growth: number,
): Promise<string | null> {
  if (server.pid !== pid || !(await fetch(`${server.url}/readyz`).then((answer) => answer.ok))) return 'it ended';
  if (stall > STALL_MS) return `the event loop was held for ${stall.toFixed(0)} ms`;
  if (growth > RSS_GROWTH_BYTES) return `resident memory grew by ${growth} bytes`;
  if (/unhandled|uncaught|"level":"(error|fatal)"/i.test(server.output)) return server.output.slice(-2_000);
  if (!bea.connected) return 'a bystander lost her connection';
  const label = newId();
  bea.change(label, (doc) => void sendMessage(doc, bea.id, { text: 'Bea goes on' }));
  await bea.until(() => bea.acknowledged.has(label));
  const mine = readVolume(bea.doc).messages.filter(({ author }) => author === bea.id);
  if (!mine.some(({ body }) => body.kind === 'message' && body.text === 'Words of Bea'))
    return 'her words are not hers';
  return null;
}

type Bystander = RawClient & { id: string };

async function settle(server: TestServer, seed: number): Promise<{ sessions: Session[]; pool: Pool; bea: Bystander }> {
  const owner = await setUp(server);
  const board = await makeBoard(server, owner);
  const room = await makeRoom(server, owner, board);
  const mallory = await joinBoard(server, owner, board, 'mallory', 'Mallory');
  const beaPerson = await joinBoard(server, owner, board, 'bea', 'Bea');
  const columns = await call<{ items: { id: string }[] }>(server, owner, 'GET', `/boards/${board}/columns`);
  const column =
    columns.items[0]?.id ??
    (await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/columns`, { title: 'To do' })).id;
  const task = await call<{ id: string }>(server, owner, 'POST', `/boards/${board}/tasks`, { column, title: 'Paint' });
  const name = volumeDoc(`room/${room}`, 1);
  const bea: Bystander = Object.assign(new RawClient(server.url, beaPerson, name), { id: beaPerson.id });
  if (!(await bea.connect())) throw new Error('Bea is not let in');
  bea.change('first', (doc) => void sendMessage(doc, bea.id, { text: 'Words of Bea' }));
  await bea.until(() => bea.acknowledged.has('first'));
  const names = [boardDoc(board), name, taskDoc(task.id), volumeDoc(`task/${task.id}`, 1), inboxDoc(mallory.id)];
  const sessions = await record(server.url, mallory, names, seed);
  return { sessions, pool: poolOfFrames(sessions, [mallory]), bea };
}

function addressFrom(random: prng.PRNG): string {
  return Array.from({ length: 4 }, () => prng.uint32(random, 1, 254)).join('.');
}

type Input = { session: Session; frames: Uint8Array[]; plain: boolean };

function inputOf(random: prng.PRNG, sessions: readonly Session[], pool: Pool): Input {
  const session = prng.oneOf(random, [...sessions]);
  const plain = prng.uint32(random, 0, 7) === 0;
  const all = plain ? plainFrames(session) : session.frames;
  const from = prng.uint32(random, 2, Math.max(2, all.length - 1));
  const sent = [...all.slice(0, 2), ...all.slice(from, from + prng.uint32(random, 1, 8))];
  const frames = sent.map((frame, i) => (i < 2 ? frame : mutateFrame(frame, random, pool, plain)));
  return { session, frames, plain };
}

/** Sends the frames over a socket of their own; the code it ended with, 1005 when only we ended it. */
function play(url: string, { session, frames, plain }: Input, address: string): Promise<number> {
  const path = plain ? `/yjs/${session.name}?token=${session.token}` : '/sync';
  const ws = new WebSocket(`${url.replace(/^http/, 'ws')}${path}`, {
    headers: { origin: url, 'x-forwarded-for': address },
  });
  return new Promise((resolve) => {
    ws.on('error', () => undefined);
    ws.on('close', (code) => resolve(code));
    ws.on('open', () => {
      for (const frame of frames) ws.send(frame);
      // Answered in order: when this arrives, all before it was read.
      ws.ping();
    });
    ws.on('pong', () => ws.close());
  });
}

function watched(path: string): Promise<Watched> {
  return new Promise((resolve, reject) => {
    let text = '';
    const socket = connect(path);
    socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
    socket.on('error', reject);
    socket.on('end', () => resolve(JSON.parse(text) as Watched));
  });
}
