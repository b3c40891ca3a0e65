import * as prng from 'lib0/prng';
import * as Y from 'yjs';
import { expect } from 'vitest';
import type { DocName } from '../../src/lib/model/names.ts';
import type { Writer } from '../../server/sync/gate/verdict.ts';
import { chats, movesCards, newId, serverActs, tidiesInbox, writesText, type Act } from './gate-people.ts';
import { contentOf, copyOf, wordsOf } from './gate-contents.ts';
import { Device, Hub, type Random, type Tab } from './gate-world.ts';

export type Scenario = {
  kind: string;
  name: (random: Random, people: readonly Writer[]) => DocName;
  act: Act;
  people: Writer['role'][];
};

export const SCENARIOS: Scenario[] = [
  {
    kind: 'room',
    name: (random) => ({ kind: 'room', id: newId(random), volume: 1 }),
    act: chats,
    people: ['owner', 'member', 'commenter', 'viewer'],
  },
  {
    kind: 'board',
    name: (random) => ({ kind: 'board', id: newId(random) }),
    act: movesCards,
    people: ['owner', 'member', 'member', 'viewer'],
  },
  { kind: 'inbox', name: (_random, [me]) => ({ kind: 'inbox', id: me?.id ?? '' }), act: tidiesInbox, people: [null] },
  {
    kind: 'description',
    name: (random) => ({ kind: 'task', id: newId(random) }),
    act: writesText,
    people: ['owner', 'member', 'member', 'viewer'],
  },
];

const SAMPLES = 120;

/** An update that was accepted, with the document it was for. */
export type Sample = { name: DocName; doc: Y.Doc; who: Writer; update: Uint8Array; people: string[] };

/** People with devices and tabs live on one document for a while; then everybody comes together. */
export function live(scenario: Scenario, seed: number, steps: number, samples: Sample[] = []): Hub['counts'] {
  const random = prng.create(seed);
  const people: Writer[] = scenario.people.map((role, i) => ({ id: newId(random), seq: i + 1, role }));
  const hub = new Hub(scenario.name(random, people), random);
  hub.onAccept = ({ update }, who, doc) => {
    if (samples.length < SAMPLES && prng.uint32(random, 0, 2) === 0)
      samples.push({ name: hub.name, doc: copyOf(doc), who, update, people: people.map(({ id }) => id) });
  };
  const devices = people.flatMap((who) => [new Device(hub, who), new Device(hub, who)]);
  for (const device of devices) device.open();
  const tabs = (): Tab[] => devices.flatMap((device) => device.tabs);

  for (let step = 0; step < steps; step++) {
    const tab = prng.oneOf(random, tabs());
    const { device } = tab;
    const choice = prng.uint32(random, 0, 99);
    if (choice < 40) {
      if (device.who.role !== 'viewer') scenario.act(random, tab);
    } else if (choice < 60) tab.deliver(prng.uint32(random, 1, 8));
    else if (choice < 70) tab.hear(prng.uint32(random, 1, 12));
    else if (choice < 82) hub.commit(prng.uint32(random, 1, 4));
    else if (choice < 88)
      serverActs(
        random,
        hub,
        people.map(({ id }) => id),
      );
    else if (choice < 92) {
      if (!tab.isConnected) tab.connect();
      else if (prng.uint32(random, 0, 3) === 0) tab.disconnect();
    } else if (choice < 94 && device.tabs.length < 3) device.open(prng.uint32(random, 0, 3));
    else if (choice < 96 && device.tabs.length > 1) device.close(tab);
    else if (choice < 97) prng.oneOf(random, [() => device.compact(), () => tab.lose(), () => tab.catchUp()])();
    else if (choice < 98) hub.reload();
    else if (choice === 98 && prng.uint32(random, 0, 4) === 0) hub.fail();
  }

  settle(hub, tabs());
  // A reader's replica of a description may have tidied marks that nobody else has [G13].
  const readsOnly = (tab: Tab): boolean => hub.name.kind === 'task' && tab.device.who.role === 'viewer';
  const writers = tabs().filter((tab) => !readsOnly(tab));
  expect(new Set([hub.doc, ...writers.map(({ doc }) => doc)].map(contentOf)).size, 'replicas agree').toBe(1);
  expect(new Set([hub.doc, ...tabs().map(({ doc }) => doc)].map(wordsOf)).size, 'readers agree').toBe(1);
  for (const { doc } of tabs()) {
    expect(Y.decodeStateVector(Y.encodeStateVector(doc))).toEqual(Y.decodeStateVector(Y.encodeStateVector(hub.doc)));
    expect(doc.store.pendingStructs).toBeNull();
  }
  return hub.counts;
}

function settle(hub: Hub, tabs: readonly Tab[]): void {
  for (const tab of tabs) {
    tab.catchUp();
    tab.disconnect();
    tab.connect();
  }
  for (let round = 0; round < 50; round++) {
    for (const tab of tabs) tab.deliver();
    hub.commit();
    for (const tab of tabs) tab.hear();
    if (tabs.every(({ toServer, fromServer }) => toServer.length + fromServer.length === 0)) return;
  }
  throw new Error('never settles');
}
