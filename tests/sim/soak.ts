import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { count, nothingYet, type Job, type Summary } from './pool.ts';
import type { Outcome } from './run.ts';

/** What is run: seeds from `seed` on, all of one size. */
export type Plan = Omit<Job, 'fault' | 'without'> & { runs: number; without: readonly string[] };

/** How far a long run has come, as its file says it. */
export type Progress = {
  plan: Plan;
  /** All seeds before `plan.seed + done` have been run, and nothing else is in the sums. */
  done: number;
  totals: Summary;
  /** Seconds. */
  cpu: number;
  failing: { seed: number; problems: string[] }[];
};

const PROBLEMS_KEPT = 8;

/** A long run whose progress is in a file: whatever ends the process, the next one with the same file goes on. */
export class Soak {
  readonly progress: Progress;
  readonly #file: string;
  readonly #every: number;
  /** Threads end out of order: what came before its turn waits here. */
  readonly #early = new Map<number, Outcome>();
  #saved: number;
  #cpu = process.cpuUsage();

  /** Throws when the file tells of another plan. `every` so many seeds it is written. */
  constructor(file: string, plan: Plan, every: number) {
    this.#file = file;
    this.#every = every;
    this.progress = existsSync(file)
      ? (JSON.parse(readFileSync(file, 'utf8')) as Progress)
      : { plan, done: 0, totals: nothingYet(), cpu: 0, failing: [] };
    if (JSON.stringify(this.progress.plan) !== JSON.stringify(plan)) {
      throw new Error(`${file} tells of another run: ${JSON.stringify(this.progress.plan)}`);
    }
    this.#saved = this.progress.done;
  }

  /** What is left to be run. */
  *jobs(): Generator<Job> {
    const { runs, ...first } = this.progress.plan;
    for (let i = this.progress.done; i < runs; i++) yield { ...first, seed: first.seed + i };
  }

  take(outcome: Outcome): void {
    const { progress } = this;
    this.#early.set(outcome.seed, outcome);
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      this.#early.delete(next.seed);
      progress.done += 1;
      count(progress.totals, next);
      const { seed, problems } = next;
      if (problems.length > 0) progress.failing.push({ seed, problems: problems.slice(0, PROBLEMS_KEPT) });
    }
    if (progress.done - this.#saved >= this.#every) this.save();
  }

  /** Writes the file, as a whole or not at all. */
  save(): void {
    const { user, system } = process.cpuUsage(this.#cpu);
    this.#cpu = process.cpuUsage();
    this.progress.cpu += (user + system) / 1e6;
    this.#saved = this.progress.done;
    const beside = `${this.#file}.new`;
    const handle = openSync(beside, 'w');
    writeSync(handle, `${JSON.stringify(this.progress, null, 2)}\n`);
    fsyncSync(handle);
    closeSync(handle);
    renameSync(beside, this.#file);
  }

  #next(): Outcome | undefined {
    return this.#early.get(this.progress.plan.seed + this.progress.done);
  }
}
