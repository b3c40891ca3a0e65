import { compact } from '../../server/jobs/compact.ts';
import { readRooms } from '../../src/lib/model/board.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import type { Device } from './device.ts';
import { PRIVATE_PEOPLE } from './private-people.ts';
import { attack } from './saboteur.ts';
import type { World } from './world.ts';

type Fault = (world: World) => string | null;

const MINUTE = 60_000;
const NEW_ROLES: readonly (Role | null)[] = ['owner', 'member', 'member', 'commenter', 'viewer', null, null];

function awake(world: World): Device[] {
  return world.devices.filter((device) => device.tabs.length > 0 && !device.asleep);
}

function later(world: World, ms: number, work: () => void): void {
  world.clock.at(world.clock.world, ms, work);
}

function offline(world: World, device: Device, ms: number): void {
  device.link.up = false;
  world.net.cut(device.link);
  later(world, ms, () => (device.link.up = true));
}

function restartLater(world: World): number {
  const ms = world.chance.is(0.6) ? world.chance.between(20, 800) : world.chance.between(1_000, 12_000);
  later(world, ms, () => world.server.start());
  return ms;
}

/** Everything that goes wrong, and what an instance's people change in the middle of it; each with how often. */
export const FAULTS: readonly (readonly [name: string, weight: number, run: Fault])[] = [
  [
    'drop',
    10,
    (world) => {
      const device = world.chance.pickOr(awake(world));
      if (device === null) return null;
      world.net.cut(device.link);
      return device.name;
    },
  ],
  [
    'offline',
    10,
    (world) => {
      const device = world.chance.pickOr(awake(world));
      if (device === null) return null;
      const ms = world.chance.between(500, 40_000);
      offline(world, device, ms);
      return `${device.name} for ${Math.round(ms)} ms`;
    },
  ],
  [
    'black hole',
    4,
    (world) => {
      const device = world.chance.pickOr(awake(world));
      if (device === null) return null;
      device.link.hole = true;
      later(world, world.chance.between(500, 50_000), () => (device.link.hole = false));
      return device.name;
    },
  ],
  [
    'crash a tab',
    8,
    (world) => {
      const device = world.chance.pickOr(awake(world));
      const tab = device && world.chance.pickOr(device.tabs);
      if (!device || !tab?.usable) return null;
      tab.crash();
      later(world, world.chance.between(5, 4_000), () => {
        if (device.tabs.length === 0) world.openTab(device);
      });
      return tab.owner.name;
    },
  ],
  [
    'reload a tab',
    6,
    (world) => {
      const device = world.chance.pickOr(awake(world));
      const tab = device && world.chance.pickOr(device.tabs);
      if (!device || !tab?.usable) return null;
      void tab.close().then(() =>
        later(world, 5, () => {
          if (device.tabs.length === 0) world.openTab(device);
        }),
      );
      return tab.owner.name;
    },
  ],
  [
    'open one more tab',
    5,
    (world) => {
      const device = world.chance.pickOr(awake(world));
      if (device === null || device.tabs.length > 2) return null;
      return world.openTab(device).owner.name;
    },
  ],
  [
    'close the lid',
    3,
    (world) => {
      const device = world.chance.pickOr(awake(world));
      if (device === null) return null;
      const ms = world.chance.between(MINUTE / 2, 6 * MINUTE);
      device.sleep(true);
      later(world, ms, () => device.sleep(false));
      return `${device.name} for ${Math.round(ms / 1000)} s`;
    },
  ],
  [
    'a night',
    0.15,
    (world) => {
      const ms = world.chance.between(30 * MINUTE, 180 * MINUTE);
      for (const device of awake(world)) {
        // Sockets do not survive the night, and each wakes in its own time.
        world.net.cut(device.link);
        device.sleep(true);
        later(world, ms + world.chance.between(0, MINUTE), () => device.sleep(false));
      }
      return `${Math.round(ms / MINUTE)} min`;
    },
  ],
  [
    'kill the server',
    5,
    (world) => {
      if (world.server.process === null) return null;
      world.server.kill();
      return `for ${Math.round(restartLater(world))} ms`;
    },
  ],
  [
    'kill the server at one of its next steps',
    8,
    (world) => {
      const { server } = world;
      if (server.process === null || server.killIn !== null) return null;
      server.killIn = world.chance.int(1, 60);
      const watch = (): void => {
        if (server.process === null) restartLater(world);
        else if (server.killIn !== null) later(world, 50, watch);
      };
      later(world, 50, watch);
      return `in ${server.killIn}`;
    },
  ],
  [
    'stop the server in order',
    2,
    (world) => {
      const { process } = world.server;
      if (process === null) return null;
      world.net.listener = null;
      let over = false;
      const end = (): void => {
        if (over || world.server.process !== process) return;
        over = true;
        world.server.kill();
        restartLater(world);
      };
      void world.server.do(({ sync }) => sync.stop()).then(end);
      return 'stopping';
    },
  ],
  [
    'take the database away',
    4,
    (world) => {
      const ms = world.chance.is(0.6) ? world.chance.between(5, 400) : world.chance.between(400, 15_000);
      world.server.away = true;
      later(world, ms, () => (world.server.away = false));
      return `for ${Math.round(ms)} ms`;
    },
  ],
  [
    'compact',
    8,
    (world) => {
      const { process, data } = world.server;
      const document = world.chance.pickOr(data.outside.documents.all().filter(({ updates }) => updates.length > 1));
      if (process === null || document === null) return null;
      void world.server.do(({ store }) => compact(document.name, store, world.log));
      return document.name;
    },
  ],
  [
    'change someone’s role',
    3,
    (world) => {
      const board = world.chance.pick(world.boards);
      const person = world.chance.pick(world.people.slice(1));
      const role = world.chance.pick(NEW_ROLES);
      world.changed.push({ person: person.id, board, at: world.clock.now });
      void world.server.do(async ({ store, sync }) => {
        if (role === null) await store.boards.removeMember(board, person.id);
        else await store.boards.setMember(board, person.id, role);
        await sync.membershipChanged(board);
      });
      return `${person.username} in ${board}: ${role ?? 'removed'}`;
    },
  ],
  [
    'end a session',
    1,
    (world) => {
      const device = world.chance.pickOr(world.devices);
      if (device === null || !world.server.sessions.delete(device.token)) return null;
      const { person, token } = device;
      void world.server.do(({ sync }) => sync.revoke({ user: person.id, session: token }));
      return device.name;
    },
  ],
  [
    'sign in on a new device',
    2,
    (world) => {
      if (world.devices.length >= world.settings.devices) return null;
      return world.addDevice().name;
    },
  ],
  [
    'rename or archive a room',
    1,
    (world) => {
      const tab = world.chance.pickOr(world.tabs.filter((tab) => tab.usable && tab.board !== null));
      const room = tab?.board ? world.chance.pickOr(readRooms(tab.board.doc)) : null;
      if (room === null) return null;
      const away = world.chance.is(0.3);
      if (away) world.closedRooms.add(room.id);
      void world.server.do(async ({ store, sync }) => {
        if (away) await store.rooms.change(room.id, { archived: true });
        else await store.rooms.change(room.id, { name: `${room.name.slice(0, 20)}'` });
        await sync.roomChanged(room.id);
      });
      return room.id;
    },
  ],
  [
    'delete a room',
    1,
    (world) => {
      const tab = world.chance.pickOr(world.tabs.filter((tab) => tab.usable && tab.board !== null));
      const rooms = tab?.board ? readRooms(tab.board.doc) : [];
      const room = rooms.length > 2 ? world.chance.pickOr(rooms) : null;
      if (room === null) return null;
      world.closedRooms.add(room.id);
      void world.server.do(async ({ store, sync }) => {
        await store.rooms.remove(room.id);
        await sync.roomChanged(room.id);
      });
      return room.id;
    },
  ],
  ...PRIVATE_PEOPLE,
  ['attack', 8, (world) => attack(world)],
];
