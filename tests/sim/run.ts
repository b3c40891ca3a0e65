import { Chance } from './chance.ts';
import { CLOCK_FAULTS, CLOCKS_PER_ACT } from './clock-faults.ts';
import { realNow } from './clock.ts';
import { FAULTS } from './faults.ts';
import { heal } from './heal.ts';
import { chooseALevel, CHOOSING, LEVELS_PER_ACT } from './operations-levels.ts';
import { OPERATIONS } from './operations.ts';
import { judgeRun } from './oracle.ts';
import { World, type Settings } from './world.ts';

export type Outcome = {
  seed: number;
  /** Empty when everything held. */
  problems: string[];
  /** Of everything that happened, in order. */
  hash: string;
  events: number;
  acts: number;
  faults: number;
  deaths: number;
  /** Virtual seconds, and the machine's milliseconds. */
  lasted: number;
  ms: number;
};

/** How often something goes wrong, for each act of a person. */
const FAULTS_PER_ACT = 0.22;
/** A person who finds nothing to do does something else. */
const TRIES = 6;

/** One run, from its seed. Never rejects: what was thrown is a problem found. */
export async function run(settings: Settings): Promise<Outcome> {
  const started = realNow();
  const world = new World(settings);
  let hash = 0x811c9dc5;
  const mix = (value: number): void => {
    hash = Math.imul(hash ^ (value | 0), 0x01000193) >>> 0;
  };
  const mixText = (text: string): void => {
    for (let i = 0; i < text.length; i++) mix(text.charCodeAt(i));
  };
  world.clock.onEvent = ({ at, owner }) => {
    mix(at * 1024);
    mix(owner.name.length * 31 + owner.name.charCodeAt(owner.name.length - 1));
  };
  const problems: string[] = [];
  let faults = 0;
  const caught = (error: unknown): void => {
    problems.push(`threw: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  };
  process.on('unhandledRejection', caught);
  process.on('uncaughtException', caught);
  const silenced = silence((line) => world.note(() => `  console: ${line}`));
  try {
    await world.begin();
    faults = await live(world, mixText);
    problems.push(...(await heal(world)));
    problems.push(...(await judgeRun(world)));
  } catch (error) {
    caught(error);
  } finally {
    silenced();
    process.off('unhandledRejection', caught);
    process.off('uncaughtException', caught);
  }
  settings.onEnd?.(world);
  mixText(String(problems.length));
  return {
    seed: settings.seed,
    problems,
    hash: hash.toString(16).padStart(8, '0'),
    events: world.clock.events,
    acts: world.history.entries.length,
    faults,
    deaths: world.server.deaths,
    lasted: Math.round(world.clock.now / 1000),
    ms: realNow() - started,
  };
}

/** People act, and things go wrong, at times that chance decides. Answers how much went wrong. */
async function live(world: World, mixText: (text: string) => void): Promise<number> {
  const { chance, clock } = world;
  let left = world.settings.operations;
  let faults = 0;
  const without = new Set(world.settings.without);
  const operations = OPERATIONS.map((operation) => [operation, operation[1]] as const);
  const kinds = FAULTS.map((fault) => [fault, fault[1]] as const);
  const clocks = CLOCK_FAULTS.map((fault) => [fault, fault[1]] as const);
  const byTheClock = new Chance(world.settings.seed, 'clocks');
  const byLevel = new Chance(world.settings.seed, 'levels');

  const act = (): void => {
    const tab = chance.pickOr(world.tabs.filter((one) => one.usable));
    tab?.do(() => {
      for (let attempt = 0; attempt < TRIES && tab.usable; attempt++) {
        const [name, , doit] = chance.weighted(operations);
        const before = world.history.entries.length;
        if (!doit({ tab, chance, history: world.history })) continue;
        mixText(name);
        const acted = (): string => JSON.stringify(world.history.entries[before]?.act ?? '');
        world.note(() => `${tab.owner.name}: ${name} ${acted()}`);
        return;
      }
    });
  };
  const failed = (name: string, what: string | null): void => {
    if (what === null) return;
    faults += 1;
    mixText(name);
    world.note(() => `!! ${name}: ${what}`);
  };
  const fail = (): void => {
    const [name, , doit] = chance.weighted(kinds);
    failed(name, without.has(name) ? null : doit(world));
  };
  const setAClock = (): void => {
    const [name, , doit] = byTheClock.weighted(clocks);
    failed(name, without.has(name) ? null : doit(world, byTheClock));
  };
  const pause = (): number => {
    if (chance.is(0.5)) return chance.between(0, 30);
    return chance.is(0.95) ? chance.between(30, 500) : chance.between(1_000, 8_000);
  };
  const next = (): void => {
    if (left <= 0) return;
    left -= 1;
    act();
    if (chance.is(FAULTS_PER_ACT)) fail();
    if (byTheClock.is(CLOCKS_PER_ACT)) setAClock();
    if (byLevel.is(LEVELS_PER_ACT) && !without.has(CHOOSING)) chooseALevel(world, byLevel);
    clock.at(clock.world, pause(), next);
  };
  clock.at(clock.world, 1_000, next);
  await clock.run(() => left <= 0);
  return faults;
}

/** Libraries print; here that would only hide the seed. */
function silence(say: (line: string) => void): () => void {
  const { error, warn, log } = console;
  const take = (...parts: unknown[]): void => say(parts.map(String).join(' '));
  Object.assign(console, { error: take, warn: take, log: take });
  return () => Object.assign(console, { error, warn, log });
}
