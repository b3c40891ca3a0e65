import type { Chance } from './chance.ts';
import type { World } from './world.ts';

type ClockFault = (world: World, chance: Chance) => string | null;

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const YEAR_MS = 365 * 24 * HOUR_MS;
const STEPS = [30 * MINUTE_MS, 24 * HOUR_MS, 10 * YEAR_MS];

/** How often a clock is set, for each act of a person. */
export const CLOCKS_PER_ACT = 0.012;

/** Clocks that are set in the middle of everything. They have a stream of chance of their own: without them, every run is as it was. */
export const CLOCK_FAULTS: readonly (readonly [name: string, weight: number, run: ClockFault])[] = [
  [
    'set a device’s clock',
    3,
    (world, chance) => {
      const device = chance.pickOr(world.devices);
      if (device === null) return null;
      const by = step(chance);
      device.setClock(by);
      return `${device.name} by ${shown(by)}`;
    },
  ],
  [
    'set the server’s clock',
    2,
    (world, chance) => {
      const by = step(chance);
      world.server.setClock(by);
      return `by ${shown(by)}`;
    },
  ],
];

function step(chance: Chance): number {
  const most = chance.pick(STEPS);
  return Math.round(chance.between(-most, most));
}

function shown(ms: number): string {
  return `${(ms / HOUR_MS).toFixed(2)} h`;
}
