import { EventEmitter } from 'node:events';
import type { IncomingMessage } from 'node:http';
import * as prng from 'lib0/prng';
import type { WebSocket } from 'ws';
import type { Pool } from './bytes-mutator.ts';
import { base64, cpuOf, GROWTH_BYTES, heapInUse, STALL_MS, type Finding, type Report } from './bytes-report.ts';
import { mutateFrame, plainFrames, poolOfFrames, type Session } from './bytes-traffic.ts';
import { Town } from './bytes-world.ts';

/** What `ws` would be, with nobody behind it. */
class Wire extends EventEmitter {
  readyState = 1;
  bufferedAmount = 0;
  /** How it ended; null while it is open. */
  ended: number | null = null;
  /** First bytes of the answers: their kinds, as a fuzzer without coverage sees them. */
  readonly heard = new Set<string>();

  send(data: Uint8Array): void {
    const body = 1 + (data[0] ?? 0);
    this.heard.add(`${data[body]}${data[body] === 0 ? (data[body + 1] ?? '') : ''}`);
  }

  close(code = 1000): void {
    if (this.readyState !== 1) return;
    this.readyState = 3;
    this.ended = code;
    setImmediate(() => this.emit('close', code, Buffer.alloc(0)));
  }

  terminate(): void {
    this.close(1006);
  }

  pause(): void {}

  resume(): void {}
}

type Corpus = { session: Session; frames: Uint8Array[] };
type Input = Corpus & { plain: boolean };

/** Sockets that send at the same time. */
const AT_ONCE = 8;
/** Rounds after which Bea looks at what is hers. */
const CHECK_EVERY = 40;
/** A socket that nobody answers for so many turns is left. */
const PATIENCE = 60;
/** A town gets old: quotas fill up. */
const TOWN_SECONDS = 120;
const CORPUS = 2_000;
const FINDINGS = 10;

/**
 * Target 2, the sockets: mutants of the frames that a real provider sent, through the frame parser, Hocuspocus, the gate
 * and the log of an embedded store, all in this process, beside somebody who works on the same documents.
 */
export async function fuzzSocket(seed: number, seconds: number): Promise<Report> {
  const random = prng.create(seed);
  const report: Report = {
    target: 'socket',
    seed,
    executions: 0,
    seconds,
    longestStall: 0,
    growth: 0,
    notes: '',
    findings: [],
  };
  const recent: string[][] = [];
  const found = (what: string): void =>
    void report.findings.push({ target: 'socket', what, input: recent.slice(-50) } satisfies Finding);
  const onError = (error: unknown): void =>
    found(`outside of everything: ${error instanceof Error ? error.stack : String(error)}`);
  process.on('uncaughtException', onError);
  process.on('unhandledRejection', onError);
  const loop = watchLoop();
  const codes = new Map<string, number>();
  let resting = 0;
  let towns = 0;
  let left = seconds * 1000;

  while (left > 0 && report.findings.length < FINDINGS) {
    const town = await Town.open(seed + towns++);
    const start = performance.now();
    const townEnd = start + Math.min(left, TOWN_SECONDS * 1000);
    const pool = poolOfFrames(town.sessions, town.attackers);
    const corpus: Corpus[] = town.sessions.map((session) => ({ session, frames: session.frames }));
    const seen = new Set<string>();
    loop.reset();
    try {
      for (let n = 1; performance.now() < townEnd; n++) {
        const inputs = Array.from({ length: AT_ONCE }, () => inputOf(random, corpus, pool));
        for (const { frames } of inputs) recent.push(frames.map(base64));
        if (recent.length > 200) recent.splice(0, 100);
        const wires = await Promise.all(inputs.map((input) => play(town, input, report)));
        inputs.forEach(({ session, frames, plain }, i) => {
          const { ended, heard } = wires[i] as Wire;
          const signature = `${session.name.split('/', 1)[0]} ${ended} ${[...heard].sort().join()}`;
          if (!seen.has(signature) && corpus.length < CORPUS && !plain) corpus.push({ session, frames });
          seen.add(signature);
          codes.set(String(ended), (codes.get(String(ended)) ?? 0) + 1);
        });
        if (n % CHECK_EVERY === 0) await town.check();
      }
      await town.check();
    } catch (error) {
      found(error instanceof Error ? `${error.message}\n${error.stack}` : String(error));
    }
    left -= performance.now() - start;
    report.longestStall = Math.max(report.longestStall, loop.longest());
    await town.close();
    if (resting === 0) resting = heapInUse();
  }
  if (report.longestStall > STALL_MS) found(`the event loop was held for ${report.longestStall.toFixed(0)} ms`);
  report.growth = heapInUse() - resting;
  if (report.growth > GROWTH_BYTES) found(`memory grew by ${report.growth} bytes`);
  loop.stop();
  process.off('uncaughtException', onError);
  process.off('unhandledRejection', onError);
  report.notes = `${towns} towns, sockets ended with ${JSON.stringify(Object.fromEntries(codes))}`;
  return report;
}

/** The frames of a session with faults in some of them; mostly let in first, because strangers get nowhere. */
function inputOf(random: prng.PRNG, corpus: readonly Corpus[], pool: Pool): Input {
  const { session, frames } = prng.oneOf(random, [...corpus]);
  const plain = prng.uint32(random, 0, 7) === 0;
  const all = plain ? plainFrames(session) : frames;
  const opening = plain ? 1 : 2;
  const from = prng.uint32(random, opening, Math.max(opening, all.length - 1));
  const sent = [...all.slice(0, opening), ...all.slice(from, from + prng.uint32(random, 1, 6))];
  const honest = prng.uint32(random, 0, 19) === 0 ? 0 : opening;
  const mutants = sent.map((frame, i) =>
    i < honest || prng.uint32(random, 0, 3) === 0 ? frame : mutateFrame(frame, random, pool, plain),
  );
  return { session, frames: mutants, plain };
}

async function play({ world }: Town, { session, frames, plain }: Input, report: Report): Promise<Wire> {
  const wire = new Wire();
  const url = plain ? `/yjs/${session.name}?token=${session.token}` : '/sync';
  world.sync.handleSocket(wire as unknown as WebSocket, { url } as IncomingMessage, null);
  for (const frame of frames) {
    report.executions++;
    const data = Buffer.from(frame);
    report.longestStall = Math.max(
      report.longestStall,
      cpuOf(() => void wire.emit('message', data, true)),
    );
  }
  await settled(world.sync, wire);
  wire.close(1005);
  await turn();
  return wire;
}

/** Until the database has answered and nothing waits for the log. */
async function settled(sync: Town['world']['sync'], wire: Wire): Promise<void> {
  let quiet = 0;
  for (let i = 0; quiet < 3 && wire.ended === null && (i < PATIENCE || wire.heard.size > 0); i++) {
    await turn();
    quiet = sync.stats().waiting === 0 && wire.heard.size > 0 ? quiet + 1 : 0;
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

/** Processor time of this thread in one turn of its event loop. */
function watchLoop(): { longest: () => number; reset: () => void; stop: () => void } {
  let longest = 0;
  let last = process.threadCpuUsage();
  const timer = setInterval(() => {
    const { user, system } = process.threadCpuUsage(last);
    last = process.threadCpuUsage();
    longest = Math.max(longest, (user + system) / 1000);
  }, 1);
  const reset = (): void => {
    longest = 0;
    last = process.threadCpuUsage();
  };
  return { longest: () => longest, reset, stop: () => clearInterval(timer) };
}
