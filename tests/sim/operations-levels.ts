import { readRooms } from '../../src/lib/model/board.ts';
import { LEVELS, levelKey, setLevel } from '../../src/lib/model/levels.ts';
import type { Chance } from './chance.ts';
import { did } from './doing.ts';
import type { World } from './world.ts';

/** How often it is done, for each act of a person; and its name among what can be left out. */
export const LEVELS_PER_ACT = 0.05;
export const CHOOSING = 'choose levels';

/** Somebody chooses how much to be told of a room that they see. By a stream of chance of its own, as clocks are set. */
export function chooseALevel(world: World, chance: Chance): void {
  const tab = chance.pickOr(world.tabs.filter((one) => one.usable && one.board !== null));
  const [which, level] = [chance.next(), chance.pick([...LEVELS])];
  tab?.do(() => {
    if (!tab.usable || tab.board === null) return;
    const rooms = readRooms(tab.board.doc);
    const room = rooms[Math.floor(which * rooms.length)];
    const { inbox } = tab.client;
    if (room === undefined || !tab.change(inbox, (doc) => setLevel(doc, room.id, level))) return;
    did({ tab, chance, history: world.history }, inbox, { kind: 'pref', key: levelKey(room.id), value: level });
    world.note(() => `${tab.owner.name}: is told of ${room.id}: ${level}`);
  });
}
