import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as v from 'valibot';
import type { Paces, Parts } from '../../server/compose.ts';
import { readConfig } from '../../server/config.ts';
import { API_PATH } from '../../server/http/route.ts';
import { createMatcher } from '../../server/http/router.ts';
import { ROUTES } from '../../server/http/routes.ts';
import { createLog } from '../../server/log.ts';
import { startServer, type RunningServer } from '../../server/serve.ts';
import { dropDatabase, freshDatabase } from '../harness/postgres.ts';

export const PASSWORD = 'correct horse battery';

/**
 * The fields that answers have in common, so that a test may name them. The harness has checked by the route's own
 * schema that they are there; where an answer has others, the test says its type.
 */
export interface Wire {
  error: { code: string; message: string };
  items: Wire[];
  next: string | null;
  id: string;
  me: Wire;
  board: Wire;
  seq: number;
  volume: number;
  rank: string;
  title: string;
  role: string;
  name: string;
  username: string;
  token: string;
  session: string;
  code: string;
  url: string;
  expiresAt: string;
  at: string;
  text: string;
  replyTo: string | null;
}

export interface Answer<T = Wire> {
  status: number;
  headers: Headers;
  body: T;
}

export interface Person {
  id: string;
  username: string;
  cookie: string;
  token: string;
}

const match = createMatcher(ROUTES);

/** The real server without its pages, in this process, on a port and a database of its own. */
export class TestApp {
  readonly parts: Parts;
  readonly setupLink: string | null;
  readonly lines: string[];
  #server: RunningServer;
  #clock: { now: number };
  #dispose: () => Promise<void>;

  private constructor(
    server: RunningServer,
    prepared: { parts: Parts; setupLink: string | null },
    lines: string[],
    clock: { now: number },
    dispose: () => Promise<void>,
  ) {
    this.#server = server;
    this.parts = prepared.parts;
    this.setupLink = prepared.setupLink;
    this.lines = lines;
    this.#clock = clock;
    this.#dispose = dispose;
  }

  static async start(env: Record<string, string> = {}, paces?: Paces): Promise<TestApp> {
    const dataDir = mkdtempSync(join(tmpdir(), 'taskflow-http-'));
    const databaseUrl = process.env.DATABASE_URL ? await freshDatabase(process.env.DATABASE_URL) : undefined;
    const config = readConfig({
      PORT: '0',
      DATA_DIR: dataDir,
      ...(databaseUrl && { DATABASE_URL: databaseUrl }),
      ...env,
    });
    const lines: string[] = [];
    const clock = { now: Date.now() };
    const log = createLog({ level: 'debug', write: (line) => lines.push(line) });
    const server = await startServer(config, log, {
      loadPages: () => Promise.resolve(null),
      now: () => clock.now,
      ...(paces && { sync: paces }),
    });
    const prepared = await server.prepare();
    server.open(prepared.parts);
    return new TestApp(server, prepared, lines, clock, async () => {
      await server.stop();
      if (databaseUrl) await dropDatabase(databaseUrl);
      rmSync(dataDir, { recursive: true, force: true });
    });
  }

  /** Where it listens, whatever BASE_URL says. */
  get address(): string {
    return `http://127.0.0.1:${this.#server.site.port}`;
  }

  get origin(): string {
    return this.#server.site.baseUrl.origin;
  }

  get base(): string {
    return this.#server.site.baseUrl.pathname.replace(/\/$/, '');
  }

  /** Lets time pass for what counts by this process's clock, which stands still otherwise. */
  advance(ms: number): void {
    this.#clock.now += ms;
  }

  stop(): Promise<void> {
    return this.#dispose();
  }

  /** Any request, with nothing added. */
  async raw<T = Wire>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
    const response = await fetch(`${this.address}${path}`, { redirect: 'manual', ...init });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.startsWith('application/json');
    return {
      status: response.status,
      headers: response.headers,
      body: (isJson && text ? JSON.parse(text) : text) as T,
    };
  }

  /**
   * A request to the API as a browser of this person makes it, or a program of theirs. Its answer must be of the form
   * that the route promises.
   */
  async call<T = Wire>(
    person: Pick<Person, 'cookie' | 'token'> | null,
    method: string,
    path: string,
    body?: unknown,
    via: 'cookie' | 'bearer' = 'cookie',
  ): Promise<Answer<T>> {
    const answer = await this.raw<T>(`${this.base}${API_PATH}${path}`, {
      method,
      headers: {
        ...(method === 'GET' || via === 'bearer' ? {} : { origin: this.origin }),
        ...(person && (via === 'cookie' ? { cookie: person.cookie } : { authorization: `Bearer ${person.token}` })),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    checkForm(method, path, answer);
    return answer;
  }

  /** The same, and it must succeed. */
  async ok<T = Wire>(person: Person | null, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.call<T>(person, method, path, body);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  get setupToken(): string {
    return new URL(this.setupLink ?? '').searchParams.get('token') ?? '';
  }

  async setUp(username = 'olga'): Promise<Person> {
    const account = { username, name: 'Olga Owner', password: PASSWORD };
    return personIn(await this.call(null, 'POST', '/setup', { token: this.setupToken, ...account }));
  }

  async signIn(username: string, password = PASSWORD): Promise<Person> {
    return personIn(await this.call(null, 'POST', '/session', { username, password }));
  }

  /** A new account that joins the board with this role. */
  async join(owner: Person, board: string, username: string, role: string): Promise<Person> {
    const { code } = await this.ok(owner, 'POST', `/boards/${board}/invitations`, { role });
    const account = { username, name: `${username} Person`, password: PASSWORD };
    return personIn(await this.call(null, 'POST', `/invitations/${code}/accept`, account));
  }

  async board(owner: Person, title = 'Launch'): Promise<string> {
    return (await this.ok(owner, 'POST', '/boards', { title })).id;
  }

  async room(person: Person, board: string, name = 'General'): Promise<string> {
    return (await this.ok(person, 'POST', `/boards/${board}/rooms`, { name })).id;
  }

  async column(person: Person, board: string, title = 'To do'): Promise<string> {
    return (await this.ok(person, 'POST', `/boards/${board}/columns`, { title })).id;
  }

  async task(person: Person, board: string, column: string, title = 'Write it down'): Promise<string> {
    return (await this.ok(person, 'POST', `/boards/${board}/tasks`, { column, title })).id;
  }
}

export function personIn(answer: Answer): Person {
  const cookie = answer.headers
    .getSetCookie()
    .find((line) => line.includes('taskflow_session='))
    ?.split(';', 1)[0];
  if (!cookie) throw new Error(`no session: ${answer.status} ${JSON.stringify(answer.body)}`);
  const { id, username } = answer.body.me ?? answer.body;
  return { id, username, cookie, token: cookie.slice(cookie.indexOf('=') + 1) };
}

const Refusal = v.strictObject({
  error: v.strictObject({ code: v.string(), message: v.pipe(v.string(), v.endsWith('.')) }),
});

function checkForm(method: string, path: string, { status, body, headers }: Answer<unknown>): void {
  if (headers.get('cache-control') !== 'no-store') throw new Error(`${method} ${path} may be cached`);
  if (headers.get('x-content-type-options') !== 'nosniff') throw new Error(`${method} ${path} may be sniffed`);
  if (status >= 400) {
    v.parse(Refusal, body);
    return;
  }
  const found = match(method, path.split('?', 1)[0] ?? '');
  if (!found || !('route' in found)) throw new Error(`${method} ${path} is no route and answered ${status}`);
  if (status !== found.route.status) throw new Error(`${method} ${path} answered ${status}, not ${found.route.status}`);
  if (found.route.answer) v.parse(found.route.answer, body);
}

/** Asks until the answer satisfies, for what the server does after it answered. The ceiling is against hanging. */
export async function eventually<T>(
  ask: () => Promise<T>,
  satisfied: (value: T) => boolean,
  ceilingMs = 20_000,
): Promise<T> {
  const deadline = Date.now() + ceilingMs;
  for (;;) {
    const value = await ask();
    if (satisfied(value)) return value;
    if (Date.now() > deadline) throw new Error(`it never came: ${JSON.stringify(value)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
