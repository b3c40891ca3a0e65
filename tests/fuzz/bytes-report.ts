import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What one target did in its time. */
export type Report = {
  target: string;
  seed: number;
  executions: number;
  seconds: number;
  /** Milliseconds of processor time for one input, the worst. */
  longestStall: number;
  /** Bytes that the heap (of a server process: the resident memory) grew by from warm start to end. */
  growth: number;
  /** Other figures worth reading. */
  notes: string;
  findings: Finding[];
};

/** An input that broke a promise, with everything that is needed to try it again. */
export type Finding = { target: string; what: string; input: unknown };

/** The event loop belongs to everybody: nothing that a stranger sends may hold it longer. */
export const STALL_MS = 250;
/** More than this is no longer noise of the collector. */
export const GROWTH_BYTES = 64 * 1024 * 1024;

const FOLDER = fileURLToPath(new URL('../../test-results/fuzz', import.meta.url));

/** Writes a finding down and says where. */
export function keep(finding: Finding, seed: number, number: number): string {
  mkdirSync(FOLDER, { recursive: true });
  const file = join(FOLDER, `${finding.target}-${seed}-${number}.json`);
  writeFileSync(file, JSON.stringify(finding, null, 2));
  return file;
}

/** Bytes in use once what is garbage is collected. Needs `--expose-gc`. */
export function heapInUse(): number {
  if (globalThis.gc === undefined) throw new Error('start Node with --expose-gc');
  globalThis.gc();
  globalThis.gc();
  return process.memoryUsage().heapUsed;
}

/** Milliseconds of processor time that this thread spends on `fn`. */
export function cpuOf(fn: () => void): number {
  const before = process.threadCpuUsage();
  fn();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

export function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
