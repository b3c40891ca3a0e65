import { Session } from 'node:inspector/promises';

/** Whose blocks count: what reads bytes of strangers. */
const READS_BYTES = /\/server\/sync\/|\/src\/lib\/model\/|\/node_modules\/(yjs|lib0)\//;

/** Which blocks of code ran: what an input that deserves to be kept does is something that none did before. */
export class Coverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  async start(): Promise<void> {
    this.#session.connect();
    await this.#session.post('Profiler.enable');
    await this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  async stop(): Promise<void> {
    await this.#session.post('Profiler.stopPreciseCoverage');
    this.#session.disconnect();
  }

  get blocks(): number {
    return this.#seen.size;
  }

  /** Forgets what ran until now. */
  async clear(): Promise<void> {
    await this.#session.post('Profiler.takePreciseCoverage');
  }

  /** Blocks that ran since this was asked last and had never run before. They stay new until `note`. */
  async fresh(): Promise<string[]> {
    const { result } = await this.#session.post('Profiler.takePreciseCoverage');
    const fresh: string[] = [];
    for (const { url, scriptId, functions } of result) {
      if (!READS_BYTES.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          const block = `${scriptId}:${startOffset}-${endOffset}`;
          if (count > 0 && !this.#seen.has(block)) fresh.push(block);
        }
      }
    }
    return fresh;
  }

  note(blocks: readonly string[]): void {
    for (const block of blocks) this.#seen.add(block);
  }
}

/**
 * The few of `inputs` that are enough for the new blocks that all of them ran, found by halving. `run` must do the
 * same whenever it is called with the same input.
 */
export async function pickNew<T>(
  inputs: readonly T[],
  run: (input: T) => void,
  coverage: Coverage,
): Promise<readonly T[]> {
  for (const input of inputs) run(input);
  const fresh = await coverage.fresh();
  if (fresh.length === 0) return [];
  if (inputs.length === 1) {
    coverage.note(fresh);
    return inputs;
  }
  const half = Math.ceil(inputs.length / 2);
  const first = await pickNew(inputs.slice(0, half), run, coverage);
  return [...first, ...(await pickNew(inputs.slice(half), run, coverage))];
}
