import type { Result } from '../../src/lib/api/client.ts';
import { addColumn } from '../../src/lib/model/board.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { boardDoc } from '../../src/lib/model/names.ts';
import type { Role } from '../../src/lib/model/roles.ts';
import type { Log } from '../../server/log.ts';
import type { AuthedUser } from '../../server/sync/types.ts';
import { Chance } from './chance.ts';
import { Clock, type Owner, running } from './clock.ts';
import { Device, type Person, type Surroundings, type Tab } from './device.ts';
import { History } from './history.ts';
import { keyRange } from './idb.ts';
import { browserClasses, Channels, Network } from './net.ts';
import { resetWords } from './doing.ts';
import { SimServer, type Plant, type Process } from './server.ts';

export type Settings = {
  seed: number;
  devices: number;
  operations: number;
  plant?: Plant;
  /** Kinds of fault that do not happen. */
  without?: readonly string[] | undefined;
  /** Receives one line for everything that happens. */
  trace?: ((line: string) => void) | undefined;
  /** For a closer look at what a run left. */
  onEnd?: (world: World) => void;
};

const YEAR_MS = 365 * 86_400_000;
/** Who is in the first board. The owner comes first. */
const ROLES: readonly Role[] = ['owner', 'member', 'member', 'owner', 'commenter', 'member', 'viewer', 'member'];

/** Everything in one run: people with their devices, the network between them, and the server. */
export class World implements Surroundings {
  readonly settings: Settings;
  readonly clock = new Clock();
  readonly chance: Chance;
  readonly history: History;
  readonly net: Network;
  readonly server: SimServer;
  readonly people: Person[] = [];
  readonly devices: Device[] = [];
  readonly boards: string[] = [];
  /** Whose membership or role was changed, and where. */
  readonly changed: { person: string; board: string; at: number }[] = [];
  /** Rooms that were archived or removed at some time: what was written meanwhile may have been refused. */
  readonly closedRooms = new Set<string>();
  readonly removedBoards = new Set<string>();
  /** Who was let into a private room, and who was taken out, by the routes of HTTP, if only perhaps: `<room>/<person>`. */
  readonly letIn = new Set<string>();
  readonly takenOut = new Set<string>();
  /** What somebody held of a private room and should not have. */
  readonly leaks = new Set<string>();
  readonly warnings: string[] = [];
  saboteur!: Person;
  saboteurToken = '';
  readonly log: Log;
  readonly #deviceOf = new Map<Owner, Device>();
  #healing = false;

  constructor(settings: Settings) {
    const { seed } = settings;
    this.settings = settings;
    this.chance = new Chance(seed, 'plan');
    this.history = new History(this.clock);
    this.history.onAside = (line) => this.note(() => `  ${line}`);
    this.net = new Network(this.clock, new Chance(seed, 'network'));
    const ids = new Chance(seed, 'ids');
    const channels = new Channels((owner) => this.#deviceOf.get(owner)?.name ?? '', this.net.chance);
    running.clock = this.clock;
    running.random = ids.next;
    running.word = () => ids.uint32();
    running.bytes = (into) => ids.fill(into);
    resetWords();
    const setUp = new Chance(seed, 'set-up');
    this.log = this.#log();
    this.server = new SimServer({
      clock: this.clock,
      chance: new Chance(seed, 'store'),
      net: this.net,
      log: this.log,
      volume: {
        entries: setUp.pick([5, 8, 12, 25, 60]),
        clients: setUp.is(0.2) ? setUp.int(6, 15) : 1_000,
        bytes: setUp.is(0.2) ? setUp.int(2_000, 6_000) : 1_000_000,
      },
      readersWait: setUp.is(0.5),
      plant: settings.plant ?? {},
    });
    const { WebSocket, BroadcastChannel } = browserClasses(this.net, channels);
    Object.defineProperties(globalThis, {
      WebSocket: { configurable: true, value: WebSocket },
      BroadcastChannel: { configurable: true, value: BroadcastChannel },
      IDBKeyRange: { configurable: true, value: keyRange },
      indexedDB: { configurable: true, get: () => this.#deviceOf.get(this.clock.current)?.disk.factory },
    });
  }

  get links(): Network['links'] {
    return this.net.links;
  }

  get tabs(): Tab[] {
    return this.devices.flatMap((device) => device.tabs);
  }

  note(line: () => string): void {
    this.settings.trace?.(`${(this.clock.now / 1000).toFixed(3).padStart(10)}  ${line()}`);
  }

  /** People, two boards, a few rooms and columns. */
  async begin(): Promise<void> {
    const { devices } = this.settings;
    const set = new Chance(this.settings.seed, 'people');
    const count = Math.max(2, Math.ceil(devices * 0.6));
    this.server.start();
    await this.clock.run(() => this.server.process !== null);
    await this.during(async ({ store, sync }) => {
      const account = async (username: string): Promise<Person> => {
        const user = await store.users.create({ username, name: username, passwordHash: '-', admin: false });
        if (typeof user === 'string') throw new Error(user);
        return { id: user.id, seq: user.seq, username, name: user.name, admin: false };
      };
      for (let i = 0; i < count; i++) this.people.push(await account(`p${i}`));
      this.saboteur = await account('mallory');
      this.saboteurToken = this.signIn(this.saboteur);
      for (const all of [true, false]) {
        const board = newId();
        const [owner] = this.people as [Person, ...Person[]];
        await store.boards.create({ id: board, title: 'Board', owner: owner.id });
        this.boards.push(board);
        for (const [i, person] of this.people.entries()) {
          const role = i === 0 ? 'owner' : set.is(0.3) ? set.pick(ROLES) : (ROLES[i] ?? 'member');
          if (i > 0 && (all || set.is(0.5))) await store.boards.setMember(board, person.id, role);
        }
        await store.boards.setMember(board, this.saboteur.id, 'commenter');
        for (const name of all ? ['lobby', 'work'] : ['lobby']) {
          await store.rooms.create({ id: newId(), board, name, by: owner.id, private: false });
        }
        await sync.boardChanged(board);
        const who = { ...owner, session: '' };
        await sync.writeAs(who, boardDoc(board), (doc) => {
          for (const title of ['To do', 'Doing']) addColumn(doc, owner.id, title);
        });
      }
    });
    this.server.conflicts = true;
    for (let i = 0; i < devices; i++) {
      // The last one signs in later.
      if (i < devices - 1 || devices < 3) this.addDevice();
    }
  }

  addDevice(): Device {
    const i = this.devices.length;
    const person = this.people[i % this.people.length] as Person;
    const wrong = this.net.chance.is(0.3) ? this.net.chance.between(-10 * YEAR_MS, 10 * YEAR_MS) : 0;
    const device = new Device(this, `${person.username}-${i}`, person, this.signIn(person), wrong);
    this.devices.push(device);
    this.openTab(device);
    return device;
  }

  /** A new session's token. */
  signIn(person: Person): string {
    const token = `token-${person.username}-${this.server.sessions.size}-${this.clock.events}`;
    this.server.sessions.set(token, { ...person, session: token });
    return token;
  }

  openTab(device: Device): Tab {
    const tab = device.open((owner) => this.#deviceOf.set(owner, device));
    this.note(() => `${tab.owner.name} opens`);
    return tab;
  }

  /** Runs the world until a work in the server's process is done; false when the process died over it. */
  async during<T>(work: (process: Process) => Promise<T>): Promise<T | null> {
    const state: { over: boolean; result: T | null } = { over: false, result: null };
    void this.server.do(work).then((result) => {
      state.over = true;
      state.result = result;
    });
    await this.clock.run(() => state.over);
    return state.result;
  }

  api(tab: Tab): ReturnType<Surroundings['api']> {
    const ask = async <T>(work: (process: Process, who: AuthedUser) => Promise<T>): Promise<Result<T>> => {
      const offline: Result<T> = { ok: false, error: { code: 'offline', message: '' } };
      const { link } = tab.device;
      await this.clock.wait(tab.owner, this.net.delay(link));
      if (!link.up || link.hole) return offline;
      const { promise, resolve } = Promise.withResolvers<Result<T>>();
      const answer = (result: Result<T>): void => {
        this.clock.at(tab.owner, this.net.delay(link), () => resolve(link.up && !link.hole ? result : offline));
      };
      const who = this.server.sessions.get(tab.device.token);
      if (who === undefined) answer({ ok: false, error: { code: 'signed-out', message: '' } });
      else {
        void this.server
          .do((process) => work(process, who))
          .then((value) => answer(value === null ? offline : { ok: true, value }));
      }
      return promise;
    };
    return {
      me: () => ask((_process, { session: _session, ...who }) => Promise.resolve({ ...who, createdAt: '' } as never)),
      heads: (of) =>
        ask(async ({ sync }, who) => ({
          items: of === undefined ? await sync.heads(who.id) : await sync.revs(who.id, of),
          next: null,
        })),
      signOut: () => ask(() => Promise.resolve(undefined)),
    };
  }

  /** What the page does when its session has ended: it closes, and its person signs in again. */
  signedOut(tab: Tab): void {
    if (tab.closing || tab.owner.dead) return;
    const { device } = tab;
    this.note(() => `${tab.owner.name} is signed out`);
    void tab.close().then(() => {
      if (device.tabs.length > 0) return;
      this.clock.at(this.clock.world, this.#healing ? 10 : this.net.chance.between(500, 5_000), () => {
        if (!this.server.sessions.has(device.token)) device.token = this.signIn(device.person);
        if (device.tabs.length === 0) this.openTab(device);
      });
    });
  }

  /** Nothing goes wrong any more. */
  heal(): void {
    this.#healing = true;
  }

  #log(): Log {
    const { trace } = this.settings;
    const say =
      (level: string) =>
      (event: string, context?: Record<string, unknown>): void => {
        if (level === 'error') this.warnings.push(`${event} ${describe(context)}`);
        if (trace) this.note(() => `  server ${level}: ${event} ${describe(context)}`);
      };
    const log: Log = {
      debug: say('debug'),
      info: say('info'),
      warn: say('warn'),
      error: say('error'),
      child: () => log,
    };
    return log;
  }
}

function describe(context: Record<string, unknown> | undefined): string {
  return Object.entries(context ?? {})
    .map(([key, value]) => `${key}=${value instanceof Error ? (value.stack ?? value.message) : JSON.stringify(value)}`)
    .join(' ');
}
