import * as encoding from 'lib0/encoding';
import * as prng from 'lib0/prng';
import * as Y from 'yjs';
import { mintClientId } from '../../src/lib/model/client-ids.ts';
import { readVolume } from '../../src/lib/model/conversation.ts';
import { tokenFrame, TYPE } from '../../server/sync/frames.ts';
import { mutate } from '../fuzz/gate-mutator.ts';
import { Owner } from './clock.ts';
import { stored } from './stored.ts';
import type { World } from './world.ts';

const STEP1 = 0;
const UPDATE = 2;

/** Writes into a copy of the document what may not be written by who is attacking. */
type Forgery = (doc: Y.Doc, world: World) => void;

function someSlot(doc: Y.Doc, world: World): string {
  const me = world.saboteur.id;
  const slots = readVolume(doc).messages.filter(({ author }) => author !== me);
  return world.chance.pickOr(slots)?.slot ?? `${world.chance.pick(world.people).id}/forged0000000000000000`;
}

const FORGERIES: readonly Forgery[] = [
  (doc, world) => doc.getMap('m').set(`m/${someSlot(doc, world)}`, { x: 'forged' }),
  (doc, world) => doc.getMap('m').set(`m/${someSlot(doc, world)}`, { d: 1 }),
  (doc, world) => doc.getMap('m').delete(`m/${someSlot(doc, world)}`),
  (doc, world) => doc.getMap('mod').set(someSlot(doc, world), world.saboteur.id),
  (doc, world) => doc.getMap('log').set(String(world.chance.int(1, 50)), [someSlot(doc, world), 1]),
  (doc) => doc.getMap('log').clear(),
  (doc, world) => doc.getMap('meta').set('next', world.chance.int(1, 9)),
  (doc, world) => doc.getMap('meta').set(`moved/${someSlot(doc, world)}`, 99),
  (doc, world) => doc.getMap('r').set(`r/${someSlot(doc, world)}`, ['👍']),
  (doc, world) => doc.getMap('people').set(world.saboteur.id, { username: 'mallory', name: 'M', role: 'owner' }),
  (doc) => doc.getMap('b').set('title', 'forged'),
  (doc) => {
    for (const key of doc.getMap('b').keys()) doc.getMap('b').delete(key);
  },
  (doc) => doc.getMap('heads').clear(),
  (doc) => doc.getXmlFragment('desc').insert(0, [new Y.XmlText('forged')]),
];

/** A client of another make connects as the saboteur and sends what no honest one would. */
export function attack(world: World): string | null {
  const { data } = world.server;
  const document = world.chance.pickOr(
    data.outside.documents.all().filter(({ name }) => !name.startsWith('inbox/') && name.split('/').length > 1),
  );
  if (document === null) return null;
  const { name } = document;
  const update = world.chance.is(0.5) ? forged(world, name) : damaged(world, name);
  if (update === null) return null;
  send(world, name, update);
  return `${name}, ${update.length} bytes`;
}

function forged(world: World, name: string): Uint8Array | null {
  const doc = stored(world.server.data, name);
  const victim = world.chance.pick(world.people);
  doc.clientID = world.chance.is(0.5)
    ? mintClientId(world.saboteur.seq)
    : world.chance.is(0.5)
      ? mintClientId(victim.seq)
      : world.chance.pick([...doc.store.clients.keys(), 1]);
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  world.chance.pick(FORGERIES)(doc, world);
  return updates[0] ?? null;
}

function damaged(world: World, name: string): Uint8Array | null {
  const rows = world.server.data.outside.documents.get(name)?.updates ?? [];
  const samples = rows.map(({ data: update }) => ({
    update,
    doc: stored(world.server.data, name),
    who: world.saboteur,
    people: world.people.map(({ id }) => id),
  }));
  const sample = world.chance.pickOr(samples.slice(0, 5));
  if (sample === null) return null;
  return mutate(prng.create(world.chance.uint32()), sample as never, samples as never);
}

function send(world: World, name: string, update: Uint8Array): void {
  const { clock, net } = world;
  const owner = new Owner('mallory');
  const link = { up: true, hole: false, latency: 5 };
  net.links.set(owner, link);
  clock.at(owner, 0, () => {
    const socket = new WebSocket('ws://sim/sync') as unknown as {
      addEventListener(name: string, handler: () => void): void;
      send(data: Uint8Array): void;
      close(): void;
    };
    const sync = (step: number, bytes: Uint8Array): Uint8Array => {
      const encoder = encoding.createEncoder();
      encoding.writeVarString(encoder, name);
      encoding.writeVarUint(encoder, TYPE.sync);
      encoding.writeVarUint(encoder, step);
      encoding.writeVarUint8Array(encoder, bytes);
      return encoding.toUint8Array(encoder);
    };
    socket.addEventListener('open', () => {
      socket.send(tokenFrame(name, world.saboteurToken));
      socket.send(sync(STEP1, Y.encodeStateVector(new Y.Doc())));
      socket.send(sync(UPDATE, update));
      clock.at(owner, 1_500, () => socket.close());
      clock.at(owner, 2_000, () => {
        clock.kill(owner);
        net.links.delete(owner);
      });
    });
  });
}
