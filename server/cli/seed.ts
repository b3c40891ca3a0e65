/**
 * Fills a running TaskFlow with a small team's board, over the public API, as its people would.
 *
 *   node server/cli/seed.ts --setup '<the set-up link that the server printed>'
 *   node server/cli/seed.ts --url http://localhost:3000 --username olga --password '…'
 *
 * Each run makes a board of its own; people that are there already are signed in with the demo password.
 */
import { parseArgs } from 'node:util';
import { BOARD, PASSWORD, PEOPLE, type Name } from './seed-data.ts';

interface Caller {
  id: string;
  token: string;
}

const { values } = parseArgs({
  options: {
    setup: { type: 'string' },
    url: { type: 'string', default: 'http://localhost:3000' },
    username: { type: 'string', default: 'olga' },
    password: { type: 'string', default: PASSWORD },
  },
});
const base = (values.setup?.split('/setup?')[0] ?? values.url).replace(/\/$/, '');

async function call<T>(who: Caller | null, method: string, path: string, body?: object): Promise<T> {
  const response = await fetch(`${base}/api/v1${path}`, {
    method,
    headers: {
      ...(who && { authorization: `Bearer ${who.token}` }),
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  const answer: unknown = response.status === 204 ? null : await response.json();
  if (!response.ok) throw new Error((answer as { error: { message: string } }).error.message);
  return answer as T;
}

function signIn(username: string, password: string): Promise<Caller> {
  return call<Caller>(null, 'POST', '/session', { username, password, token: true });
}

async function firstOwner(): Promise<Caller> {
  if (!values.setup) return signIn(values.username, values.password);
  const token = new URL(values.setup).searchParams.get('token') ?? '';
  const [{ username, name }] = PEOPLE;
  await call(null, 'POST', '/setup', { token, username, name, password: PASSWORD });
  return signIn(username, PASSWORD);
}

/** Brings somebody to the board by an invitation, with a new account where there is none. */
async function join(owner: Caller, board: string, person: (typeof PEOPLE)[number]): Promise<Caller> {
  const { username, name, role } = person;
  const { code } = await call<{ code: string }>(owner, 'POST', `/boards/${board}/invitations`, { role, uses: 1 });
  try {
    await call(null, 'POST', `/invitations/${code}/accept`, { username, name, password: PASSWORD });
    return await signIn(username, PASSWORD);
  } catch {
    const known = await signIn(username, PASSWORD);
    await call(known, 'POST', `/invitations/${code}/accept`, {});
    return known;
  }
}

async function seed(): Promise<string> {
  const owner = await firstOwner();
  const { id: board } = await call<{ id: string }>(owner, 'POST', '/boards', { title: BOARD.title });
  const [first, ...others] = PEOPLE;
  const people = new Map<Name, Caller>([[first.username, owner]]);
  for (const person of others) people.set(person.username, await join(owner, board, person));
  const by = (name: Name): Caller => people.get(name) ?? owner;

  for (const column of BOARD.columns) {
    const made = await call<{ id: string }>(owner, 'POST', `/boards/${board}/columns`, { title: column.title });
    for (const { title, for: assigned = [], comments = [] } of column.tasks) {
      const task = await call<{ id: string }>(owner, 'POST', `/boards/${board}/tasks`, { column: made.id, title });
      const assignees = assigned.map((name) => by(name).id);
      if (assignees.length > 0) await call(owner, 'PATCH', `/tasks/${task.id}`, { assignees });
      for (const [name, text] of comments) await call(by(name), 'POST', `/tasks/${task.id}/comments`, { text });
    }
  }
  for (const { name, messages } of BOARD.rooms) {
    const room = await call<{ id: string }>(owner, 'POST', `/boards/${board}/rooms`, { name });
    for (const [author, text] of messages) await call(by(author), 'POST', `/rooms/${room.id}/messages`, { text });
  }
  return board;
}

try {
  const board = await seed();
  console.log(`“${BOARD.title}” is at ${base}/b/${board}`);
  console.log(`Sign in as ${PEOPLE.map(({ username }) => username).join(', ')} with the password “${PASSWORD}”.`);
} catch (error) {
  console.error(`Seeding failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
