import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashSecret } from '../../server/auth/secrets.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { PASSWORD, TestApp, eventually, type Person, type Wire } from './harness.ts';

let app: TestApp;
let olga: Person;
let board: string;
beforeAll(async () => {
  app = await TestApp.start();
  olga = await app.setUp();
  board = await app.board(olga);
});
afterAll(() => app.stop());

describe('[H4] boards', () => {
  it('are listed with their roles, page by page', async () => {
    const pia = await app.join(olga, board, 'pia', 'viewer');
    const made = new Set([board]);
    for (const title of ['B', 'A', 'C']) made.add(await app.board(pia, title));
    const seen: string[] = [];
    let next: string | null = '';
    while (next !== null) {
      const page: Wire = await app.ok(pia, 'GET', `/boards?limit=3${next && `&cursor=${next}`}`);
      expect(page.items.length).toBeLessThanOrEqual(3);
      seen.push(...page.items.map((one) => one.id));
      next = page.next;
    }
    expect(seen).toHaveLength(4);
    expect(new Set(seen)).toEqual(made);
    const one = (await app.ok(pia, 'GET', '/boards')).items.find(({ id }) => id === board);
    expect(one).toEqual({ id: board, title: 'Launch', role: 'viewer' });
  });

  it('are renamed, trimmed, and removed', async () => {
    const other = await app.board(olga, '  Spring  ');
    expect((await app.ok(olga, 'GET', `/boards/${other}`)).title).toBe('Spring');
    await app.ok(olga, 'PATCH', `/boards/${other}`, { title: 'Summer' });
    expect((await app.ok(olga, 'GET', `/boards/${other}`)).title).toBe('Summer');
    const room = await app.room(olga, other);
    await app.ok(olga, 'DELETE', `/boards/${other}`);
    expect((await app.call(olga, 'GET', `/boards/${other}`)).status).toBe(404);
    expect((await app.call(olga, 'GET', `/rooms/${room}`)).status).toBe(404);
    expect((await app.call(olga, 'POST', `/rooms/${room}/messages`, { text: 'x' })).status).toBe(404);
    const ids = (await app.ok(olga, 'GET', '/boards')).items.map(({ id }) => id);
    expect(ids).not.toContain(other);
  });

  it('show a rename by HTTP in the document that browsers have', async () => {
    const other = await app.board(olga, 'Old');
    await app.ok(olga, 'PATCH', `/boards/${other}`, { title: 'New' });
    const { readBoard } = await import('../../src/lib/model/board.ts');
    const title = () => app.parts.services.sync.read(`board/${other}`, (doc) => readBoard(doc).title);
    expect(await eventually(title, (text) => text === 'New')).toBe('New');
  });
});

describe('[H14] members', () => {
  it('change their roles, and one owner remains', async () => {
    const max = await app.join(olga, board, 'max', 'member');
    const set = (person: Person, role: string) =>
      app.call(olga, 'PUT', `/boards/${board}/members/${person.id}`, { role });
    expect((await set(olga, 'viewer')).body.error.code).toBe('last-owner');
    expect((await app.call(olga, 'DELETE', `/boards/${board}/members/${olga.id}`)).body.error.code).toBe('last-owner');
    expect((await set(max, 'owner')).body).toMatchObject({ id: max.id, role: 'owner' });
    expect((await set(max, 'commenter')).status).toBe(200);
    expect((await app.ok(max, 'GET', `/boards/${board}`)).role).toBe('commenter');
    expect((await set(max, 'king')).body.error.code).toBe('invalid');
    expect((await app.call(olga, 'PUT', `/boards/${board}/members/${newId()}`, { role: 'member' })).status).toBe(404);
  });

  it('may leave', async () => {
    const lea = await app.join(olga, board, 'lea', 'viewer');
    await app.ok(lea, 'DELETE', `/boards/${board}/members/${lea.id}`);
    expect((await app.call(lea, 'GET', `/boards/${board}`)).status).toBe(404);
    expect((await app.call(olga, 'DELETE', `/boards/${board}/members/${lea.id}`)).status).toBe(404);
  });
});

describe('[H13] an invitation', () => {
  const invite = (body: object) => app.ok(olga, 'POST', `/boards/${board}/invitations`, body);

  it('is a link whose code is told once and stored as a hash', async () => {
    const { code, url, ...told } = await invite({ role: 'member', uses: 2, expiresIn: 3600 });
    expect(url).toBe(`${app.origin}/invite/${code}`);
    expect(told).toMatchObject({ id: hashSecret(code), role: 'member', by: olga.id, usesLeft: 2 });
    expect(Date.parse(told.expiresAt)).toBeGreaterThan(Date.now() + 3_500_000);
    const { items } = await app.ok(olga, 'GET', `/boards/${board}/invitations`);
    expect(items).toContainEqual(told);
    expect(JSON.stringify(items)).not.toContain(code);
  });

  it('tells its board and role to whoever holds it, and nothing else', async () => {
    const { code } = await invite({ role: 'commenter' });
    expect(await app.ok(null, 'GET', `/invitations/${code}`)).toEqual({
      board: { title: 'Launch' },
      role: 'commenter',
      valid: true,
    });
  });

  it('makes an account with its role, once for each use', async () => {
    const { code } = await invite({ role: 'commenter', uses: 2 });
    const accept = (username: string) =>
      app.call(null, 'POST', `/invitations/${code}/accept`, { username, name: 'N', password: PASSWORD });
    expect((await accept('first')).body).toMatchObject({
      board: { id: board, role: 'commenter' },
      me: { admin: false },
    });
    expect((await accept('first')).body.error.code).toBe('taken');
    expect((await accept('second')).status).toBe(201);
    expect((await accept('third')).status).toBe(404);
    expect((await app.call(null, 'GET', `/invitations/${code}`)).status).toBe(404);
    expect(await app.parts.services.store.users.byUsername('third')).toBeNull();
  });

  it('is redeemed by exactly as many as it allows, also at once', async () => {
    const { code } = await invite({ role: 'viewer', uses: 3 });
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, i) =>
        app.call(null, 'POST', `/invitations/${code}/accept`, { username: `racer${i}`, name: 'R', password: PASSWORD }),
      ),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([201, 201, 201, 404, 404, 404]);
  });

  it('joins who is signed in, and takes no role away', async () => {
    const other = await app.board(olga, 'Other');
    const { code } = await app.ok(olga, 'POST', `/boards/${other}/invitations`, { role: 'viewer' });
    const sam = await app.join(olga, board, 'sam', 'member');
    const accepted = await app.ok(sam, 'POST', `/invitations/${code}/accept`, {});
    expect(accepted).toMatchObject({ board: { id: other, title: 'Other', role: 'viewer' }, me: { id: sam.id } });
    expect((await app.ok(olga, 'POST', `/invitations/${code}/accept`, {})).board.role).toBe('owner');
    const mixed = await app.call(sam, 'POST', `/invitations/${code}/accept`, {
      username: 'x-x',
      name: 'X',
      password: PASSWORD,
    });
    expect(mixed.body.error.code).toBe('invalid');
    expect((await app.call(null, 'POST', `/invitations/${code}/accept`, {})).body.error.code).toBe('signed-out');
    const partial = await app.call(null, 'POST', `/invitations/${code}/accept`, { username: 'x-x' });
    expect(partial.body.error.code).toBe('invalid');
  });

  it('expires', async () => {
    const { code } = await invite({ role: 'member', expiresIn: 60 });
    const { store } = app.parts.services;
    const late = `${code}-late`;
    await store.invitations.create({
      codeHash: hashSecret(late),
      board,
      role: 'member',
      by: olga.id,
      expiresAt: Date.now() - 1,
      uses: null,
    });
    expect((await app.call(null, 'GET', `/invitations/${code}`)).status).toBe(200);
    expect((await app.call(null, 'GET', `/invitations/${late}`)).status).toBe(404);
    const account = { username: 'too-late', name: 'L', password: PASSWORD };
    expect((await app.call(null, 'POST', `/invitations/${late}/accept`, account)).status).toBe(404);
  });

  it('is taken back', async () => {
    const { code, id } = await invite({ role: 'member' });
    await app.ok(olga, 'DELETE', `/boards/${board}/invitations/${id}`);
    expect((await app.call(null, 'GET', `/invitations/${code}`)).status).toBe(404);
    expect((await app.call(olga, 'DELETE', `/boards/${board}/invitations/${id}`)).status).toBe(404);
  });

  it.each([
    { role: 'admin' },
    {},
    { role: 'member', uses: 0 },
    { role: 'member', uses: 1.5 },
    { role: 'member', expiresIn: 5 },
  ])('is not made of %j', async (body) => {
    expect((await app.call(olga, 'POST', `/boards/${board}/invitations`, body)).body.error.code).toBe('invalid');
  });
});

describe('[H15] rooms', () => {
  it('have a name of their own in the board, whatever its case', async () => {
    const id = await app.room(olga, board, 'Design');
    expect((await app.call(olga, 'POST', `/boards/${board}/rooms`, { name: 'DESIGN' })).body.error.code).toBe('taken');
    expect(await app.ok(olga, 'GET', `/rooms/${id}`)).toMatchObject({ id, board, name: 'Design', by: olga.id });
    expect((await app.ok(olga, 'GET', `/boards/${board}/rooms`)).items).toMatchObject([{ id }]);
  });
});

describe('[H15] tasks', () => {
  it('are added, renamed, moved, assigned, archived and brought back', async () => {
    const todo = await app.column(olga, board, 'To do');
    const done = await app.column(olga, board, 'Done');
    const columns = (await app.ok(olga, 'GET', `/boards/${board}/columns`)).items;
    expect(columns.map(({ id }) => id)).toEqual([todo, done]);
    const first = await app.task(olga, board, todo, 'First');
    const second = await app.task(olga, board, todo, 'Second');
    const patch = (body: object) => app.ok(olga, 'PATCH', `/tasks/${second}`, body);
    expect(await app.ok(olga, 'GET', `/tasks/${first}`)).toMatchObject({
      id: first,
      board,
      column: todo,
      title: 'First',
      by: olga.id,
      assignees: [],
      archived: false,
    });
    const before = await patch({ before: first, title: 'Before' });
    const { rank } = await app.ok(olga, 'GET', `/tasks/${first}`);
    expect([before.title, before.rank < rank]).toEqual(['Before', true]);
    expect(await patch({ column: done, assignees: [olga.id] })).toMatchObject({ column: done, assignees: [olga.id] });
    expect(await patch({ assignees: [] })).toMatchObject({ assignees: [] });
    await app.ok(olga, 'DELETE', `/tasks/${second}`);
    await app.ok(olga, 'DELETE', `/tasks/${second}`);
    expect(await app.ok(olga, 'GET', `/tasks/${second}`)).toMatchObject({ archived: true, column: null });
    expect(await patch({ archived: false })).toMatchObject({ archived: false, column: done });
    const all = (await app.ok(olga, 'GET', `/boards/${board}/tasks`)).items;
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set([first, second]));
  });

  it('are changed as a whole or not at all', async () => {
    const column = await app.column(olga, board);
    const id = await app.task(olga, board, column, 'Whole');
    for (const wrong of [{ column: newId() }, { before: newId() }, { before: id }, { assignees: [newId()] }]) {
      const answer = await app.call(olga, 'PATCH', `/tasks/${id}`, { title: 'Half', ...wrong });
      expect(answer.body.error.code).toBe('invalid');
    }
    expect((await app.ok(olga, 'GET', `/tasks/${id}`)).title).toBe('Whole');
    expect((await app.call(olga, 'POST', `/boards/${board}/tasks`, { column: newId(), title: 'x' })).status).toBe(400);
  });
});
