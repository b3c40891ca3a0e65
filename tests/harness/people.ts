import type { TestServer } from './server.ts';

/** Long enough for the rules, the same for everybody: tests are about people, not about passwords. */
export const PASSWORD = 'correct horse battery';

export type Person = { id: string; seq: number; username: string; name: string; cookie: string; token: string };

/** Calls the HTTP API as a person (or as nobody) and returns the parsed answer; throws when the status is not 2xx. */
export async function call<T = unknown>(
  server: TestServer,
  person: Person | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await request(server, person, method, path, body);
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
  return (text ? JSON.parse(text) : undefined) as T;
}

/** The same call, with the raw response: for tests that expect a refusal. */
export function request(
  server: TestServer,
  person: Person | null,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const headers: Record<string, string> = { origin: server.url };
  if (person) headers.cookie = person.cookie;
  if (body !== undefined) headers['content-type'] = 'application/json';
  return fetch(`${server.url}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

async function personFrom(server: TestServer, answer: Response): Promise<Person> {
  if (!answer.ok) throw new Error(`No session: ${answer.status} ${await answer.text()}`);
  const set = answer.headers.getSetCookie().find((line) => line.includes('taskflow_session='));
  if (!set) throw new Error('The answer set no session cookie.');
  const cookie = set.split(';', 1)[0] ?? '';
  const token = cookie.slice(cookie.indexOf('=') + 1);
  const nobody: Person = { id: '', seq: 0, username: '', name: '', cookie, token };
  const me = await call<Omit<Person, 'cookie' | 'token'>>(server, nobody, 'GET', '/me');
  return { ...nobody, id: me.id, seq: me.seq, username: me.username, name: me.name };
}

/** Uses the set-up link: the first account, an instance admin. */
export async function setUp(server: TestServer, username = 'olga', name = 'Olga Owner'): Promise<Person> {
  const token = server.setupToken;
  if (!token) throw new Error(`The server printed no set-up link:\n${server.output}`);
  const answer = await request(server, null, 'POST', '/setup', { token, username, name, password: PASSWORD });
  return personFrom(server, answer);
}

/** Signs an existing person in once more, as on a second device. */
export async function signIn(server: TestServer, username: string): Promise<Person> {
  return personFrom(server, await request(server, null, 'POST', '/session', { username, password: PASSWORD }));
}

/** A new person who joins the board through an invitation link with the given role. */
export async function join(
  server: TestServer,
  owner: Person,
  board: string,
  username: string,
  name: string,
  role: 'owner' | 'member' | 'commenter' | 'viewer' = 'member',
): Promise<Person> {
  const { code } = await call<{ code: string }>(server, owner, 'POST', `/boards/${board}/invitations`, { role });
  const answer = await request(server, null, 'POST', `/invitations/${code}/accept`, {
    username,
    name,
    password: PASSWORD,
  });
  return personFrom(server, answer);
}

export async function makeBoard(server: TestServer, owner: Person, title = 'Launch'): Promise<string> {
  return (await call<{ id: string }>(server, owner, 'POST', '/boards', { title })).id;
}

export async function makeRoom(server: TestServer, person: Person, board: string, name = 'General'): Promise<string> {
  return (await call<{ id: string }>(server, person, 'POST', `/boards/${board}/rooms`, { name })).id;
}
