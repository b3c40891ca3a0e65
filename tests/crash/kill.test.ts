import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { LONG_ROWS } from '../../server/jobs/compact.ts';
import { createLog } from '../../server/log.ts';
import { openStore, type Store } from '../../server/store/store.ts';
import type { FailPoint } from '../harness/fail-point.ts';
import { ask, startPostgres, type TestPostgres } from '../harness/postgres.ts';
import { TestServer } from '../harness/server.ts';
import { randomFrom } from './random.ts';
import { Team } from './team.ts';

const ENGINES = ['embedded', 'postgres'] as const;
/**
 * How many times the server is killed at work, both engines together; the kills during a start (start.test.ts) make it
 * more than 50. Many more on demand: `KILLS=1000 npm test -- crash`.
 */
const KILLS = Number(process.env.KILLS ?? 40);
const SEED = Number(process.env.SEED ?? 20261122);

/** The moments of ordinary work. Those of a start are in start.test.ts. */
const MILESTONES: readonly FailPoint['at'][] = [
  'commit:begun',
  'commit:written',
  'commit:stored',
  'commit:applied',
  'deliver:begun',
  'deliver:written',
  'deliver:stored',
  'compact:loaded',
  'compact:stored',
  'volume:rolled',
  'carry:begun',
  'carry:written',
  'carry:stored',
];
/** Milestones with something under way behind them that is worth being killed in the middle of. */
const UNDER_WAY: readonly FailPoint['at'][] = [
  'commit:written',
  'compact:loaded',
  'volume:rolled',
  'deliver:written',
  'carry:begun',
  'carry:written',
];
/** So many messages fill a volume from its first to its last: more rows than compaction waits for. */
const LONG = 450;
/** How long what is under way there takes at most. */
const UNDER_WAY_MS = 6;
const RANDOM_MS = 300;
/** A ceiling against hanging, for one kill with all that is proven after it. */
const CEILING_MS = 240_000;
/** A ceiling against hanging: work passes every milestone within seconds. */
const NEVER_MS = 150_000;

type Kill = FailPoint | 'at random';

/** Every milestone first, then the middle of what takes time, then moments at random with all of these among them. */
function planOf(kill: number, random: () => number): Kill {
  const at = MILESTONES[kill];
  if (at) return { at };
  const middle = UNDER_WAY[kill - MILESTONES.length];
  if (middle) return { at: middle, afterMs: Math.floor(random() * UNDER_WAY_MS) };
  if (random() < 0.5) return 'at random';
  const any = MILESTONES[Math.floor(random() * MILESTONES.length)] ?? 'commit:stored';
  const common = any.startsWith('commit:');
  return {
    at: any,
    skip: common ? Math.floor(random() * 20) : 0,
    ...(random() < 0.5 && { afterMs: Math.floor(random() * UNDER_WAY_MS) }),
  };
}

const nameOf = (plan: Kill): string => (plan === 'at random' ? plan : plan.at);

async function die(server: TestServer, team: Team, plan: Kill, random: () => number): Promise<void> {
  const before = team.acknowledged;
  if (plan === 'at random') {
    team.work();
    await underLoad(team, before);
    await pause(random() * RANDOM_MS);
    return server.kill();
  }
  if (plan.at.startsWith('compact:')) {
    await untilLong(server, team);
    server.launch(plan);
  } else {
    await server.arm(plan);
    team.work();
  }
  const never = new AbortController();
  const late = pause(NEVER_MS, 'late', { signal: never.signal }).catch(() => 'in time');
  const first = await Promise.race([server.gone.then(() => 'gone'), late]);
  never.abort();
  expect(first, `${plan.at} is passed`).toBe('gone');
}

/**
 * Ends with the server killed and a long document in its database: the compaction soon after the next start has
 * something to do. One under way meanwhile may have left nothing, then there is more work before the next kill.
 */
async function untilLong(server: TestServer, team: Team): Promise<void> {
  for (let messages = LONG; ; messages += LONG) {
    team.work();
    await underLoad(team, team.acknowledged + messages);
    await server.kill();
    const long = await withStore(server, (store) => store.documents.backlog(LONG_ROWS, 1));
    if (long.length > 0) return;
    await server.start();
  }
}

/** The database as it is while no server runs on it. */
async function withStore<T>(server: TestServer, fn: (store: Store) => Promise<T>): Promise<T> {
  const log = createLog({ level: 'silent' });
  const store = await openStore({ databaseUrl: server.databaseUrl ?? undefined, dataDir: server.dataDir, log });
  try {
    return await fn(store);
  } finally {
    await store.close();
  }
}

/** Under load means: more was acknowledged. */
async function underLoad(team: Team, acknowledged: number): Promise<void> {
  while (team.acknowledged <= acknowledged) await pause(5);
}

describe.each(ENGINES)('SIGKILL under load on %s', (engine) => {
  let postgres: TestPostgres | null = null;
  let server: TestServer;

  beforeAll(async () => {
    if (engine === 'postgres') postgres = await startPostgres();
    server = await TestServer.start({ engine: postgres ? { postgres: postgres.url } : 'embedded', failPoints: true });
  });

  afterAll(async () => {
    await server.dispose();
    await postgres?.stop();
  });

  const kills = Math.ceil(KILLS / ENGINES.length);
  test(
    `${kills} kills lose nothing acknowledged, double nothing, leave nothing undone`,
    { timeout: CEILING_MS * (kills + 1) },
    async () => {
      const random = randomFrom(SEED + ENGINES.indexOf(engine));
      const team = await Team.gather(server);
      const died = new Map<string, number>();
      for (let kill = 0; kill < kills; kill += 1) {
        const plan = planOf(kill, random);
        await die(server, team, plan, random);
        const promised = team.promised();
        // Its leases run out in 15 seconds: that these pass is told to the database. The embedded one needs no telling.
        if (server.databaseUrl)
          await ask(server.databaseUrl, 'update jobs set leased_until = now() where leased_until is not null');
        await server.start();
        const context = `${engine}, kill ${kill} ${JSON.stringify(plan)}, seed ${SEED}`;
        await team.verify(promised, context);
        died.set(nameOf(plan), (died.get(nameOf(plan)) ?? 0) + 1);
      }
      const carried = await team.verifyWhole();
      // Each milestone once brings a volume that is full, and words that come late into it.
      if (kills >= MILESTONES.length) expect(carried, 'words were carried').toBeGreaterThan(0);
      const acknowledged = team.promised().length;
      await team.end();
      expect(await server.stop()).toBe(0);

      await withStore(server, async (store) => {
        expect(await store.notifications.pending(10), 'pending notifications').toEqual(new Map());
        expect(await store.jobs.nextAt(['deliver', 'carry', 'ask']), 'pending jobs').toBe(null);
      });
      const where = [...died].map(([at, times]) => `${times} ${at}`).join(', ');
      process.stdout.write(
        `${engine}: ${kills} kills (${where}), ${acknowledged} acknowledged, ${team.found} found, ${carried} carried, seed ${SEED}\n`,
      );
    },
  );
});
