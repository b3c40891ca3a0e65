import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestApp, type Person } from './harness.ts';

let app: TestApp;
let olga: Person;
let board: string;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
  board = await app.board(olga);
});
afterAll(() => app.stop());

const idsOf = async (query = '') =>
  (await app.ok(olga, 'GET', `/boards/${board}/rooms${query}`)).items.map((one) => one.id);

describe('[H15] a room', () => {
  it('is changed all at once or not at all', async () => {
    const id = await app.room(olga, board, 'Kitchen');
    await app.room(olga, board, 'Garden');
    const changed = await app.ok(olga, 'PATCH', `/rooms/${id}`, { name: ' Galley ', description: ' Where we cook\n' });
    expect(changed).toMatchObject({ id, name: 'Galley', description: 'Where we cook', archivedAt: null });
    const taken = await app.call(olga, 'PATCH', `/rooms/${id}`, { name: 'GARDEN', description: 'lost' });
    expect([taken.status, taken.body.error.code]).toEqual([409, 'taken']);
    expect(await app.ok(olga, 'GET', `/rooms/${id}`)).toEqual(changed);
  });

  it.each([{ name: '' }, { description: 'x'.repeat(501) }, { archived: 1 }, { by: 'me' }])(
    'is not made %j',
    async (body) => {
      const id = await app.room(olga, board, `Room ${JSON.stringify(body).slice(0, 60)}`);
      expect((await app.call(olga, 'PATCH', `/rooms/${id}`, body)).body.error.code).toBe('invalid');
    },
  );

  it('is read and not written while it is archived, in a list of its own', async () => {
    const id = await app.room(olga, board, 'Attic');
    const { id: said } = await app.ok(olga, 'POST', `/rooms/${id}/messages`, { text: 'before' });
    const { archivedAt } = await app.ok<{ archivedAt: string | null }>(olga, 'PATCH', `/rooms/${id}`, {
      archived: true,
    });
    expect(Date.parse(archivedAt ?? '')).toBeGreaterThan(0);
    expect(await idsOf()).not.toContain(id);
    expect(await idsOf('?archived=true')).toEqual([id]);
    expect((await app.ok(olga, 'GET', `/rooms/${id}/messages`)).items).toHaveLength(1);
    for (const [method, path, body] of [
      ['POST', `/rooms/${id}/messages`, { text: 'late' }],
      ['PATCH', `/messages/${said}`, { text: 'other' }],
      ['DELETE', `/messages/${said}`, undefined],
      ['PATCH', `/rooms/${id}`, { name: 'Loft' }],
    ] as const) {
      const refused = await app.call(olga, method, path, body);
      expect([method, refused.status, refused.body.error.code]).toEqual([method, 409, 'archived']);
    }
    await app.ok(olga, 'PATCH', `/rooms/${id}`, { archived: false, name: 'Loft' });
    await app.ok(olga, 'POST', `/rooms/${id}/messages`, { text: 'after' });
    expect(await idsOf()).toContain(id);
  });

  it('is gone with its messages once it is deleted', async () => {
    const id = await app.room(olga, board, 'Shed');
    const { id: said } = await app.ok(olga, 'POST', `/rooms/${id}/messages`, { text: 'words' });
    await app.ok(olga, 'DELETE', `/rooms/${id}`);
    for (const path of [`/rooms/${id}`, `/rooms/${id}/messages`, `/messages/${said}`]) {
      expect((await app.call(olga, 'GET', path)).status).toBe(404);
    }
    expect((await app.call(olga, 'DELETE', `/rooms/${id}`)).status).toBe(404);
    await app.room(olga, board, 'Shed');
  });
});
