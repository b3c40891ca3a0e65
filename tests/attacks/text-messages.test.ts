import { describe, expect } from 'vitest';
import { readVolume } from '../../src/lib/model/conversation.ts';
import { CARD_TITLE, MESSAGE_TEXT, TITLE } from '../../src/lib/model/limits.ts';
import { volumeDoc } from '../../src/lib/model/names.ts';
import { cleanTitle } from '../../src/lib/model/plain.ts';
import { Arena, type Answer } from './harness.ts';
import { expectRefused } from './http-requests.ts';
import { NASTY, SCRIPTS, STRANGE } from './nasty-texts.ts';
import type { Person } from '../harness/people.ts';

/** Texts that mean harm to whoever shows them are kept as they are, or refused in words; never changed, never run. */
const arena = new Arena();

const call = (person: Person, method: string, path: string, body?: unknown): Promise<Answer> =>
  arena.http(person, method, `/api/v1${path}`, {
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });

type Wire = { id: string; text: string };

describe('messages', () => {
  for (const { name, text } of NASTY) {
    arena.attack(
      `${name}: stored and given back letter by letter, over HTTP and over the socket`,
      async ({ people }) => {
        const { scratch } = people.home;
        const posted = await call(people.mia, 'POST', `/rooms/${scratch}/messages`, { text });
        expect(posted.status, posted.text).toBe(201);
        const { id } = posted.body as Wire;
        expect((posted.body as Wire).text).toBe(text);
        expect(posted.headers.get('content-type')).toBe('application/json; charset=utf-8');
        expect(posted.headers.get('x-content-type-options')).toBe('nosniff');
        expect(((await call(people.carl, 'GET', `/messages/${id}`)).body as Wire).text).toBe(text);
        const carl = await arena.enter(people.carl);
        const { messages } = readVolume(await carl.fetch(volumeDoc(`room/${scratch}`, 1)));
        const body = messages.find(({ mid }) => mid === id)?.body;
        expect(body?.kind === 'message' && body.text).toBe(text);
      },
    );
  }

  arena.attack('one letter too many is refused in words', async ({ people }) => {
    const text = 'x'.repeat(MESSAGE_TEXT + 1);
    expectRefused(await call(people.mia, 'POST', `/rooms/${people.home.scratch}/messages`, { text }), 400, 'invalid');
  });

  arena.attack(
    'the longest and slowest, a page full of them, is listed and stops nobody',
    async ({ people }) => {
      // A name after an open bracket would become part of the address before it: the way back to names is the longest.
      const text = `${`https://x.org/(<@${people.mia.id}> `.repeat(200)}`.slice(0, MESSAGE_TEXT);
      const { body } = await call(people.mia, 'POST', `/boards/${people.home.board}/rooms`, { name: 'Slow' });
      await arena.accept();
      const room = (body as Wire).id;
      for (let i = 0; i < 60; i++) {
        const posted = await call(people.mia, 'POST', `/rooms/${room}/messages`, { text });
        expect(posted.status, posted.text).toBe(201);
      }
      const listed = await call(people.carl, 'GET', `/rooms/${room}/messages?limit=200`);
      const items = (listed.body as { items: Wire[] }).items;
      expect(items).toHaveLength(60);
      expect(items.every((item) => item.text === text)).toBe(true);
    },
    { timeout: 120_000 },
  );
});

describe('titles and names', () => {
  const SHORT = [...SCRIPTS, ...STRANGE].filter(({ text }) => text.length <= TITLE);

  arena.attack(`${SHORT.length} texts as the name of a board, a room, a column and a card`, async ({ people }) => {
    const { mia } = people;
    for (const { name, text } of SHORT) {
      const oneLine = !/[\n\r\u2028\u2029]/.test(text);
      const board = await call(mia, 'POST', '/boards', { title: text });
      expect(board.status, name).toBe(oneLine ? 201 : 400);
      if (!oneLine) {
        expectRefused(board, 400, 'invalid', name);
        continue;
      }
      const boardId = (board.body as Wire).id;
      // As it was typed, or with its white space as spaces, and everywhere the same.
      const said = (limit: number): unknown => expect.toBeOneOf([text.trim(), cleanTitle(text, limit)]);
      expect((board.body as { title: string }).title, name).toEqual(said(TITLE));
      const room = await call(mia, 'POST', `/boards/${boardId}/rooms`, { name: text });
      expect((room.body as { name: string }).name, name).toEqual(said(TITLE));
      const column = await call(mia, 'POST', `/boards/${boardId}/columns`, { title: text });
      expect((column.body as { title: string }).title, name).toEqual(said(TITLE));
      const task = await call(mia, 'POST', `/boards/${boardId}/tasks`, {
        column: (column.body as Wire).id,
        title: text,
      });
      const { id, title } = task.body as { id: string; title: string };
      expect(title, name).toEqual(said(CARD_TITLE));
      const again = await call(mia, 'GET', `/tasks/${id}`);
      expect((again.body as { title: string }).title, name).toBe(title);
    }
  });

  /** Makes an account through an invitation to a board of Mia's own, where nobody is compared. */
  async function account(username: string, name: string): Promise<Answer> {
    const { mia } = arena.people;
    const { body } = await call(mia, 'POST', '/boards', { title: 'Door of Mia' });
    const invitation = await call(mia, 'POST', `/boards/${(body as Wire).id}/invitations`, { role: 'member' });
    const { code } = invitation.body as { code: string };
    return arena.http(null, 'POST', `/api/v1/invitations/${code}/accept`, {
      body: JSON.stringify({ username, name, password: 'correct horse battery' }),
      headers: { 'content-type': 'application/json' },
    });
  }

  const HONEST: [username: string, name: string][] = [
    ['rtl', 'שרה כהן'],
    ['arabic', 'محمد علي'],
    ['marked', 'שרה\u200f (HR)'],
    ['cyrillic', 'Оlga Оwner'],
    ['zalgo', 'Z\u0300\u0315\u0346\u035b\u0316\u0323\u0332\u0337'.repeat(10)],
    ['markup', '<script>window.pwned=1</script>'],
    ['marks', '**[Olga](javascript:alert(1))**'],
    ['proto-name', '__proto__'],
    ['__proto__', 'constructor'],
    ['constructor', 'toString'],
    ['hasownproperty', '@room'],
    ['longest', 'W'.repeat(100)],
  ];
  for (const [username, name] of HONEST) {
    arena.attack(`${username}, called ${JSON.stringify(name)}, is who they say they are`, async () => {
      const answer = await account(username, name);
      expect(answer.status, answer.text).toBe(201);
      const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const me = await arena.http(null, 'GET', '/api/v1/me', { headers: { cookie } });
      expect(me.body).toMatchObject({ username, name });
    });
  }

  const REFUSED: [about: string, username: string, name: string][] = [
    ['letters that look like others', 'оlga', 'Olga'],
    ['full-width letters', 'ｏｌｇａ', 'Olga'],
    ['a mark on a letter', 'ólga', 'Olga'],
    ['nothing between letters', 'ol\u200bga', 'Olga'],
    ['an override in a username', 'ol\u202ega', 'Olga'],
    ['a name for everybody', 'room', 'Olga'],
    ['an address', 'olga@x.org', 'Olga'],
    ['a token', '<@olga>', 'Olga'],
    ['a name that turns its neighbours', 'turner', 'Olga\u202e'],
    ['a name that turns itself', 'turner', '\u202eaglO'],
    ['a name that opens an isolate', 'turner', 'Olga\u2067'],
    ['a name that closes an isolate', 'turner', 'Olga\u2069\u202e'],
    ['a name of nothing to see', 'nothing', '\u200b\u2060'],
    ['a name of two lines', 'lines', 'Olga\nOwner'],
    ['a name that is too long', 'long', 'x'.repeat(101)],
  ];
  for (const [about, username, name] of REFUSED) {
    arena.attack(`[H36] ${about} is refused in words`, async () => {
      expectRefused(await account(username, name), 400, 'invalid', about);
    });
  }
});
