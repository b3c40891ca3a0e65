import { isDeepStrictEqual } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deleteMessage, editMessage, sendMessage, setReactions } from '../../src/lib/model/conversation.ts';
import { newId } from '../../src/lib/model/ids.ts';
import type { SyncClient } from '../../src/lib/sync/client.ts';
import { change, type OpenDocument } from '../../src/lib/sync/documents.svelte.ts';
import type * as Y from 'yjs';
import { eventually, pause, polled, seeded, tab } from './harness.ts';
import { LogServer } from './log-server.ts';

let server: LogServer;
const clients: SyncClient[] = [];

beforeEach(async () => {
  server = await LogServer.start();
});

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.close();
});

function client(n: number): SyncClient {
  const made = tab(server, server.person(n));
  clients.push(made);
  return made;
}

describe('sent', () => {
  test('[L1] two people talk, and both see both', async () => {
    const [anna, ben] = [client(1), client(2)];
    const room = `room/${newId()}/1`;
    const [a, b] = [anna.documents.open(room), ben.documents.open(room)];
    await eventually('both synced', () => a.remote.kind === 'synced' && b.remote.kind === 'synced');
    change(a, (doc) => sendMessage(doc, anna.me.id, { text: 'hello' }));
    expect(a.sent).toBe(false);
    expect(anna.outbox.waiting).toBe(1);
    await eventually('sent', () => a.sent);
    expect(server.log(room).getMap('m').size).toBe(1);
    await polled('ben has it', () => b.doc.getMap('m').size === 1);
    await eventually('saved', () => a.saved && b.saved);
  });

  /** What one person has in a volume, as canonical text. */
  const own = (doc: Y.Doc, id: string): string =>
    JSON.stringify(
      Object.entries(doc.getMap('m').toJSON())
        .filter(([key]) => key.split('/')[1] === id)
        .sort(([one], [other]) => (one < other ? -1 : 1)),
    );

  /** Changes of every kind, by chance. */
  function act(open: OpenDocument, me: string, random: () => number, mids: string[]): void {
    const pick = mids[Math.floor(random() * mids.length)];
    const roll = random();
    change(open, (doc) => {
      if (pick === undefined || roll < 0.5) mids.push(sendMessage(doc, me, { text: `${random()}` }).split('/')[1]!);
      else if (roll < 0.65) editMessage(doc, me, pick, `edited ${random()}`);
      else if (roll < 0.75) deleteMessage(doc, me, pick);
      else setReactions(doc, me, `${me}/${pick}`, roll < 0.88 ? ['👍'] : []);
    });
  }

  test.each([1, 2, 3, 4])('[L2] is never said while the log lacks a change (seed %i)', async (seed) => {
    const random = seeded(seed);
    const room = `room/${newId()}/1`;
    let storm = true;
    server.commitMs = () => random() * 25;
    server.defer = () => (!storm || random() > 0.1 ? 'no' : random() < 0.6 ? 'asks' : 'silent');
    const people = [client(1), client(2)].map((who) => ({ who, open: who.documents.open(room), mids: [] as string[] }));
    let said = 0;
    const lies: string[] = [];
    for (const { who, open } of people) {
      const changed = who.outbox.changed;
      who.outbox.changed = (name) => {
        changed(name);
        if (name !== room || !open.sent) return;
        said += 1;
        if (own(open.doc, who.me.id) !== own(server.log(room), who.me.id)) lies.push(who.me.username);
      };
    }
    const weather = (async () => {
      while (storm) {
        await pause(random() * 600);
        if (random() < 0.3) {
          server.kill();
          await pause(random() * 100);
          server.revive();
        } else server.drop();
      }
    })();
    await Promise.all(
      people.map(async ({ who, open, mids }) => {
        for (let n = 0; n < 120; n += 1) {
          act(open, who.me.id, random, mids);
          await pause(random() < 0.1 ? random() * 150 : random() * 30);
        }
      }),
    );
    storm = false;
    await weather;
    await eventually('all sent', () => people.every(({ open }) => open.sent), 30_000);
    await polled('all alike', () =>
      people.every(({ open }) =>
        isDeepStrictEqual(open.doc.getMap('m').toJSON(), server.log(room).getMap('m').toJSON()),
      ),
    );
    expect(lies).toEqual([]);
    expect(said).toBeGreaterThanOrEqual(2);
    expect(people.map(({ who }) => who.outbox.waiting)).toEqual([0, 0]);
  });
});
