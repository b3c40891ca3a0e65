import { CLOCK_FAULTS } from './clock-faults.ts';
import { FAULTS } from './faults.ts';
import { CHOOSING } from './operations-levels.ts';
import { settingsOf } from './planted.ts';
import type { Job } from './pool.ts';
import { promiseOf } from './promise.ts';
import { run } from './run.ts';

/** Parts of the operations that are tried, the smallest first. */
const PARTS = [0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95];

/**
 * The same seed with as few operations and kinds of fault as still break one of the promises that it breaks, though perhaps
 * elsewhere: what is left out moves what comes after it. Null when the job breaks none. `told` hears of every step.
 */
export async function shrink(job: Job, told: (job: Job) => void): Promise<Job | null> {
  const brokenBy = async (tried: Job): Promise<string[]> => (await run(settingsOf(tried))).problems.map(promiseOf);
  const broken = new Set(await brokenBy(job));
  if (broken.size === 0) return null;
  const fails = async (tried: Job): Promise<boolean> => (await brokenBy(tried)).some((one) => broken.has(one));
  let least = job;
  const attempt = async (smaller: Job): Promise<boolean> => {
    if (!(await fails(smaller))) return false;
    least = smaller;
    told(least);
    return true;
  };
  const fewer = async (): Promise<void> => {
    for (let again = true; again;) {
      again = false;
      const { operations } = least;
      const sizes = new Set(PARTS.map((part) => Math.ceil(operations * part)).filter((size) => size < operations));
      for (const size of sizes) {
        again = await attempt({ ...least, operations: size });
        if (again) break;
      }
    }
  };
  await fewer();
  const kinds = [...FAULTS.map(([kind]) => kind), ...CLOCK_FAULTS.map(([kind]) => kind), CHOOSING];
  for (const kind of kinds) {
    const without = least.without ?? [];
    if (!without.includes(kind)) await attempt({ ...least, without: [...without, kind] });
  }
  await fewer();
  return least;
}
