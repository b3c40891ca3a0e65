import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { VOLUME_ENTRIES } from '../../src/lib/model/limits.ts';
import type { InferOutput } from 'valibot';
import type * as answers from '../../src/lib/api/answers.ts';
import type { Head, Wording } from '../../src/lib/api/client.ts';
import { TestApp, eventually, type Person, type Wire } from './harness.ts';

let app: TestApp;
let olga: Person;
let anna: Person;
let board: string;
let task: string;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
  board = await app.board(olga);
  anna = await app.join(olga, board, 'anna', 'member');
  task = await app.task(olga, board, await app.column(olga, board));
});
afterAll(() => app.stop());

let rooms = 0;
const freshRoom = () => app.room(olga, board, `Room ${++rooms}`);
const say = (person: Person, room: string, text: string, more: object = {}) =>
  app.ok(person, 'POST', `/rooms/${room}/messages`, { text, ...more });

describe.each([
  ['a room', async () => `/rooms/${await freshRoom()}/messages`],
  ['a task', () => Promise.resolve(`/tasks/${task}/comments`)],
])('[H15] messages in %s', (_where, makePath) => {
  it('have a place and a time when they are answered, and are listed newest first', async () => {
    const path = await makePath();
    const first = await app.ok(olga, 'POST', path, { text: 'first' });
    const second = await app.ok(anna, 'POST', path, { text: 'second', replyTo: first.id });
    expect([first.seq, second.seq]).toEqual([1, 2]);
    expect(first).toMatchObject({ author: olga.id, volume: 1, edited: false, removed: false, replyTo: null });
    expect(second.replyTo).toBe(first.id);
    expect(Math.abs(Date.parse(first.at) - Date.now())).toBeLessThan(60_000);
    const { items, next } = await app.ok(anna, 'GET', path);
    expect([items, next]).toEqual([[second, first], null]);
    expect(await app.ok(anna, 'GET', `/messages/${first.id}`)).toEqual(first);
  });
});

describe('[H15] a message', () => {
  it('is edited and deleted by its author only', async () => {
    const room = await freshRoom();
    const { id } = await say(anna, room, 'helo');
    expect((await app.call(olga, 'PATCH', `/messages/${id}`, { text: 'mine' })).status).toBe(403);
    const edited = await app.ok(anna, 'PATCH', `/messages/${id}`, { text: 'hello' });
    expect(edited).toMatchObject({ id, text: 'hello', edited: true, seq: 1 });
    const other = await say(olga, room, 'by Olga');
    expect((await app.call(anna, 'DELETE', `/messages/${other.id}`)).status).toBe(403);
    await app.ok(anna, 'DELETE', `/messages/${id}`);
    await app.ok(anna, 'DELETE', `/messages/${id}`);
    expect(await app.ok(olga, 'GET', `/messages/${id}`)).toMatchObject({ text: '', removed: true, removedBy: null });
    expect((await app.call(anna, 'PATCH', `/messages/${id}`, { text: 'again' })).body.error.code).toBe('refused');
  });

  it('[H15] tells what it said before to who may read it, as typed; nothing once it is removed or deleted', async () => {
    const room = await freshRoom();
    const { id } = await say(anna, room, 'helo @olga');
    const edits = (who: Person) => app.ok(who, 'GET', `/messages/${id}/edits`);
    expect(await edits(olga)).toEqual({ items: [], next: null });
    await app.ok(anna, 'PATCH', `/messages/${id}`, { text: 'hello @olga' });
    await app.ok(anna, 'PATCH', `/messages/${id}`, { text: 'hello' });
    const { items } = await edits(olga);
    expect(items.map(({ text }: { text: string }) => text)).toEqual(['helo @olga', 'hello @olga']);
    for (const { until } of items as unknown as Wording[]) {
      expect(Math.abs(Date.parse(until) - Date.now())).toBeLessThan(60_000);
    }
    await app.ok(olga, 'DELETE', `/messages/${id}`);
    expect((await edits(anna)).items).toEqual([]);
    await app.ok(olga, 'POST', `/messages/${id}/restore`, {});
    expect((await edits(anna)).items).toHaveLength(2);
    await app.ok(anna, 'DELETE', `/messages/${id}`);
    expect((await edits(anna)).items).toEqual([]);
  });

  it('is removed by an owner visibly, and stays so', async () => {
    const room = await freshRoom();
    const { id } = await say(anna, room, 'rude');
    await app.ok(olga, 'DELETE', `/messages/${id}`);
    expect((await app.call(anna, 'POST', `/messages/${id}/restore`, {})).status).toBe(403);
    const back = await app.ok(olga, 'POST', `/messages/${id}/restore`, {});
    expect(back).toMatchObject({ removed: false, removedBy: null });
    expect((await app.call(olga, 'POST', `/messages/${id}/restore`, {})).body.error.code).toBe('refused');
    await app.ok(olga, 'DELETE', `/messages/${id}`);
    expect(await app.ok(anna, 'GET', `/messages/${id}`)).toMatchObject({ text: '', removed: true, removedBy: olga.id });
    expect((await app.call(anna, 'PATCH', `/messages/${id}`, { text: 'rude again' })).body.error.code).toBe('refused');
  });

  it('[H16] keeps its text as typed, with its mentions as names', async () => {
    const room = await freshRoom();
    const text = 'Hi @anna, see `@olga` and mail@anna.org\n\n<b>& "x"</b> \u{1F680} @nobody';
    const { id } = await say(olga, room, text);
    expect((await app.ok(anna, 'GET', `/messages/${id}`)).text).toBe(text);
  });

  it.each([
    ['nothing', ''],
    ['white space', ' \n '],
    ['what nobody sees', '\u200b\u2060'],
    ['8,001 characters', 'x'.repeat(8001)],
  ])('is not %s', async (_what, text) => {
    const answer = await app.call(olga, 'POST', `/rooms/${await freshRoom()}/messages`, { text });
    expect(answer.body.error.code).toBe('invalid');
  });

  it('may have 8,000 characters, but not more with its mentions', async () => {
    const room = await freshRoom();
    expect((await say(olga, room, 'x'.repeat(8000))).text).toHaveLength(8000);
    const long = await app.call(olga, 'POST', `/rooms/${room}/messages`, { text: `@anna ${'x'.repeat(7990)}` });
    expect(long.body.error.code).toBe('invalid');
  });

  it('answers only a message of its own conversation', async () => {
    const elsewhere = await say(olga, await freshRoom(), 'elsewhere');
    for (const replyTo of [elsewhere.id, newId()]) {
      const answer = await app.call(olga, 'POST', `/rooms/${await freshRoom()}/messages`, { text: 'x', replyTo });
      expect(answer.body.error.code).toBe('invalid');
    }
  });
});

describe('[H4] a long conversation', () => {
  it('goes on over its volumes, every message once and in order, page by page', async () => {
    const room = await freshRoom();
    const count = VOLUME_ENTRIES + 20;
    for (let from = 0; from < count; from += 40) {
      const size = Math.min(40, count - from);
      await Promise.all(Array.from({ length: size }, (_, i) => say(i % 2 ? olga : anna, room, `message ${from + i}`)));
    }
    const seqs: number[] = [];
    const volumes = new Set<number>();
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Wire = await app.ok(anna, 'GET', `/rooms/${room}/messages?limit=150${cursor && `&cursor=${cursor}`}`);
      for (const { seq, volume } of page.items) {
        seqs.push(seq);
        volumes.add(volume);
      }
      cursor = page.next;
    }
    expect(seqs).toEqual(Array.from({ length: count }, (_, i) => count - i));
    expect(volumes).toEqual(new Set([1, 2]));
    expect((await app.call(anna, 'GET', `/rooms/${room}/messages?cursor=x`)).body.error.code).toBe('invalid');
    expect((await app.ok(anna, 'GET', `/rooms/${room}/messages?cursor=999999.3`)).items).toHaveLength(2);
  });
});

describe('[H16] a mention', () => {
  type Page = { items: InferOutput<typeof answers.Notification>[]; next: string | null };
  const listOf = (person: Person, query = '') => app.ok<Page>(person, 'GET', `/notifications${query}`);
  const countOf = (person: Person) =>
    app.ok<InferOutput<typeof answers.NotificationCount>>(person, 'GET', '/notifications/count');

  it('is found in the inbox, once, and marked read one by one, by conversation, and all', async () => {
    const room = await freshRoom();
    const other = await freshRoom();
    expect(await countOf(anna)).toEqual({ unread: 1, mentions: 1 });
    await app.ok(anna, 'POST', '/notifications/read', {});
    const first = await say(olga, room, 'one @anna @anna');
    await say(olga, other, 'two @Anna');
    await say(olga, other, 'three @anna');
    await say(olga, room, 'not `@anna` nor a@anna, and @olga is oneself');
    const { items } = await eventually(
      () => listOf(anna),
      (page) => page.items.filter((one) => one.unread).length === 3,
    );
    expect(await countOf(anna)).toEqual({ unread: 3, mentions: 3 });
    // Others have answered her above; her own words tell her nothing.
    expect((await listOf(olga)).items.map(({ kind, by }) => [kind, by])).toEqual([
      ['reply', anna.id],
      ['reply', anna.id],
    ]);
    const oldest = items[2];
    expect(oldest).toMatchObject({
      kind: 'mention',
      board,
      conversation: `room/${room}`,
      message: first.id,
      seq: first.seq,
      volume: first.volume,
      by: olga.id,
      excerpt: 'one @anna @anna',
      unread: true,
    });
    await app.ok(anna, 'POST', `/notifications/${oldest?.id}/read`);
    await app.ok(anna, 'POST', `/notifications/${oldest?.id}/read`);
    expect((await countOf(anna)).unread).toBe(2);
    await app.ok(anna, 'POST', '/notifications/read', { conversation: `room/${other}` });
    expect((await countOf(anna)).unread).toBe(0);
    const page = await listOf(anna, '?limit=2');
    expect(page.items).toHaveLength(2);
    const [older] = (await listOf(anna, `?cursor=${page.next}`)).items;
    expect(older?.id).toBeLessThan(page.items[1]?.id ?? 0);
  });

  it('of a message that is edited away is withdrawn while unread', async () => {
    const room = await freshRoom();
    const { id } = await say(olga, room, 'oops @anna');
    await eventually(
      () => countOf(anna),
      ({ unread }) => unread === 1,
    );
    await app.ok(olga, 'PATCH', `/messages/${id}`, { text: 'oops' });
    expect(
      await eventually(
        () => countOf(anna),
        ({ unread }) => unread === 0,
      ),
    ).toEqual({ unread: 0, mentions: 0 });
    await app.ok(olga, 'PATCH', `/messages/${id}`, { text: 'again @anna' });
    await eventually(
      () => countOf(anna),
      ({ unread }) => unread === 1,
    );
  });

  it.each([{ conversation: 'room/x' }, { conversation: 1 }, { all: true }])('is not marked by %j', async (body) => {
    expect((await app.call(anna, 'POST', '/notifications/read', body)).body.error.code).toBe('invalid');
  });

  it('is marked in conversations that one may see only', async () => {
    const answer = await app.call(anna, 'POST', '/notifications/read', { conversation: `room/${newId()}` });
    expect(answer.status).toBe(404);
  });
});

describe('[H15] heads', () => {
  it('tell what a device should hold, and rise with what is written', async () => {
    const room = await freshRoom();
    const heads = async () => (await app.ok<{ items: Head[] }>(anna, 'GET', '/heads')).items;
    const revOf = async (name: string) => (await heads()).find((one) => one.name === name)?.rev ?? 0;
    const before = await revOf(`room/${room}/1`);
    await say(olga, room, 'news');
    expect(await revOf(`room/${room}/1`)).toBeGreaterThan(before);
    expect(await revOf(`board/${board}`)).toBeGreaterThan(0);
    const inboxes = (await heads()).filter(({ name }) => name.startsWith('inbox/'));
    expect(inboxes.map(({ name }) => name)).toEqual([`inbox/${anna.id}`]);
  });

  it('tell of other documents that a device holds, if their reader may read them', async () => {
    const room = await freshRoom();
    await say(olga, room, 'news');
    const stranger = await app.join(olga, await app.board(olga, 'Other'), 'vera', 'member');
    const names = [`room/${room}/1`, `board/${board}`, `inbox/${olga.id}`, `room/${newId()}/1`, 'nonsense'];
    const of = async (who: Person): Promise<string[]> =>
      (await app.ok<{ items: Head[] }>(who, 'GET', `/heads?of=${names.join(',')}`)).items.map(({ name }) => name);
    expect((await of(anna)).sort()).toEqual([`board/${board}`, `room/${room}/1`].sort());
    expect((await of(olga)).sort()).toEqual([`board/${board}`, `inbox/${olga.id}`, `room/${room}/1`].sort());
    expect(await of(stranger)).toEqual([]);
    expect((await app.call(anna, 'GET', `/heads?of=${'a,'.repeat(201)}a`)).status).toBe(400);
    expect((await app.call(anna, 'GET', '/heads?of=%00')).status).toBe(400);
  });
});
