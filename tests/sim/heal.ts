import { boardDoc } from '../../src/lib/model/names.ts';
import { documentDatabase } from '../../src/lib/sync/catalog.ts';
import type { Device, Tab } from './device.ts';
import { Facts } from './facts.ts';
import { judgeDirectories } from './oracle-boards.ts';
import { copiesOfOthers } from './oracle-private.ts';
import { witness } from './private-people.ts';
import { canonical, logged, Reader } from './stored.ts';
import type { World } from './world.ts';

/** Everything must have settled after so much virtual time. */
const PATIENCE_MS = 12 * 60_000;
const LOOK_EVERY_MS = 400;
/** News of conversations gather for half a second. */
const DIRECTORY_MS = 3_000;

/** Ends everything that goes wrong, and waits until nothing waits any more. The problems that remain. */
export async function heal(world: World): Promise<string[]> {
  const { clock, server, net } = world;
  world.heal();
  world.note(() => '== healing');
  witness(world);
  server.killIn = null;
  server.away = false;
  server.start();
  if (net.listener === null) {
    server.kill();
    server.start();
  }
  for (const device of world.devices) {
    device.link.up = true;
    device.link.hole = false;
    if (device.asleep) device.sleep(false);
    if (device.tabs.length === 0 && world.server.sessions.has(device.token)) world.openTab(device);
  }
  const problems: string[] = [];
  const settled = async (what: string, look: () => string[], explained = look): Promise<void> => {
    const end = clock.now + PATIENCE_MS;
    let at = clock.now;
    const done = await clock.run(() => {
      if (clock.now < at) return false;
      at = clock.now + LOOK_EVERY_MS;
      return look().length === 0;
    }, end);
    if (done !== 'done') problems.push(...explained().map((one) => `${what}: ${one}`));
  };
  // Sessions that ended during the run begin anew; a closed lid is open again.
  for (const device of world.devices) {
    if (!server.sessions.has(device.token)) {
      for (const tab of [...device.tabs]) tab.crash();
      device.token = world.signIn(device.person);
      world.openTab(device);
    }
  }
  await settled('never settles', () => pending(world));
  if (problems.length > 0) return problems;
  const reader = new Reader();
  const views: { tab: Tab; release: () => void }[] = [];
  const look = (device: Device | undefined, name: string): void => {
    const [tab] = device?.tabs ?? [];
    tab?.do(() => {
      const open = tab.client.documents.open(name);
      views.push({ tab, release: () => open.release() });
    });
  };
  for (const { device, name } of differences(world, reader)) {
    world.note(() => `== ${device.name} looks at ${name}`);
    look(device, name);
  }
  // The directory of a board is written while someone looks at it.
  const { boards, memberships } = server.data.outside;
  for (const { id } of boards.all()) {
    look(
      world.devices.find(({ person }) => memberships.get(`${id}/${person.id}`) !== undefined),
      boardDoc(id),
    );
  }
  await clock.run(() => false, clock.now + DIRECTORY_MS);
  const differing = (tell: (device: Device, name: string) => string): string[] =>
    differences(world, reader).map(({ device, name }) => `${device.name} ${name}: ${tell(device, name)}`);
  await settled(
    'differs',
    () => {
      const waiting = pending(world);
      if (waiting.length > 0) return waiting;
      const others = differing(() => '');
      // One that could not be written, because the database was away, is tried again in growing pauses.
      return others.length > 0 ? others : judgeDirectories(new Facts(world));
    },
    () => [
      ...pending(world),
      ...copiesOfOthers(world),
      ...differing((device, name) => explain(world, reader, device, name)),
      ...judgeDirectories(new Facts(world)),
    ],
  );
  for (const { tab, release } of views) tab.do(release);
  return problems;
}

/** What still waits, in words; nothing when everything has settled. */
function pending(world: World): string[] {
  const { server, devices } = world;
  const waiting: string[] = [];
  const { process, data } = server;
  if (process === null) return ['the server is down'];
  const jobs = data.outside.jobs.all();
  if (jobs.length > 0)
    waiting.push(`jobs: ${jobs.map(({ kind, key, attempts }) => `${kind} ${key} (${attempts})`).join(', ')}`);
  if (process.sync.stats().waiting > 0) waiting.push('the log');
  for (const { delivered, withdrawn, reworded, id } of data.outside.notifications.all()) {
    if (delivered === withdrawn || reworded) waiting.push(`notification ${id}`);
  }
  for (const { id, removedAt, name } of data.outside.rooms.all()) {
    // What inboxes still show of it goes then.
    if (removedAt !== null && name !== '') waiting.push(`room ${id} is not erased`);
  }
  for (const device of devices) {
    if (device.tabs.length === 0) waiting.push(`${device.name} has no tab`);
    for (const tab of device.tabs) {
      if (!tab.ready) {
        waiting.push(`${tab.owner.name} starts`);
        continue;
      }
      const { outbox, socket, inbox } = tab.client;
      if (tab.closing) waiting.push(`${tab.owner.name} is closing`);
      if (socket.state.kind !== 'online') waiting.push(`${tab.owner.name} is ${socket.state.kind}`);
      for (const name of outbox.names) {
        const state = tab.client.documents.get(name)?.remote;
        const [kind, id] = name.split('/');
        const there = data.outside.conversations.get(`${kind}/${id}`) ?? data.outside.boards.get(id ?? '');
        waiting.push(
          `${tab.owner.name} outbox of ${name} (${JSON.stringify(state)}, server: ${JSON.stringify(there)})`,
        );
      }
      if (inbox.remote.kind !== 'synced') waiting.push(`${tab.owner.name} inbox is ${inbox.remote.kind}`);
    }
  }
  return waiting;
}

/** Documents that a device should hold like the server and does not, on its disk or in a tab. */
function differences(world: World, reader: Reader): { device: Device; name: string }[] {
  return world.devices.flatMap((device) =>
    visible(world, device)
      .filter((name) => {
        const right = rightly(world, reader, name);
        return copiesOf(reader, device, name).some((text) => text !== right);
      })
      .map((name) => ({ device, name })),
  );
}

function rightly(world: World, reader: Reader, name: string): string {
  return reader.canonical(`server ${name}`, name, logged(world.server.data, name));
}

/** What this person may see, of what was ever written. */
export function visible(world: World, device: Device): string[] {
  const { memberships, boards, documents, conversations, rooms, roomMembers } = world.server.data.outside;
  const { id } = device.person;
  const mine = new Set(
    memberships.where((row) => row.user === id && boards.get(row.board)?.removedAt === null).map(({ board }) => board),
  );
  return documents
    .all()
    .map(({ name }) => name)
    .filter((name) => {
      const [kind = '', of = ''] = name.split('/');
      if (kind === 'inbox') return of === id;
      if (kind === 'board') return mine.has(of);
      if (kind === 'room' && rooms.get(of)?.private === true && !roomMembers.has(`${of}/${id}`)) return false;
      return mine.has(conversations.get(`${kind}/${of}`)?.board ?? '');
    });
}

/** What the living copies of a document on a device say: in its tabs, or on the disk when no tab has it open. */
function copiesOf(reader: Reader, device: Device, name: string): string[] {
  const open = device.tabs.flatMap((tab) => (tab.ready ? (tab.client.documents.get(name)?.doc ?? []) : []));
  if (open.length > 0) return open.map((doc) => canonical(doc, name));
  const [tab] = device.tabs;
  const row = tab?.client.row(name);
  const database = device.disk.databases.get(documentDatabase(device.person.id, name, row?.lineage ?? ''));
  if (row?.onDevice !== true || database === undefined) return [];
  const rows = [...(database.stores.get('updates')?.rows.values() ?? [])];
  return [
    reader.canonical(
      `${device.name} ${name}`,
      name,
      rows.map(({ value }) => value as Uint8Array),
    ),
  ];
}

function explain(world: World, reader: Reader, device: Device, name: string): string {
  const right = rightly(world, reader, name);
  const wrong = copiesOf(reader, device, name).find((one) => one !== right) ?? '';
  let at = 0;
  while (at < right.length && right[at] === wrong[at]) at += 1;
  const around = (text: string): string => text.slice(Math.max(0, at - 60), at + 120);
  return `server …${around(right)}… device …${around(wrong)}…`;
}
