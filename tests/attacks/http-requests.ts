import { expect } from 'vitest';
import type { Route } from '../../server/http/route.ts';
import { newId } from '../../src/lib/model/ids.ts';
import type { Person } from '../harness/people.ts';
import type { Answer, Arena } from './harness.ts';
import type { RawSocket } from './raw-socket.ts';

/** What tells of the inside: a stack, a path of this machine, SQL, a module. */
const INSIDES =
  /\bat [\w.<>]+ ?\(|node:internal|node_modules|\.[tj]s:\d|\/(tmp|home|root|usr|var|work|etc|proc)\/|\b(select|insert into|update|delete from)\b.*\b(from|where|values|set)\b|postgres|pglite|argon2|lucia|sqlstate|\$argon2id/i;

/** An answer that came over a bare connection. */
export type RawAnswer = { status: number; head: string; body: string };

/** Fails when a text that a stranger received tells of the inside of the server. */
export function expectNoInsides(text: string, about = 'an answer'): void {
  expect(INSIDES.exec(text)?.[0], `the server’s inside in ${about}`).toBeUndefined();
}

/** The answer is a refusal of the API's form, with this code, and says nothing of the inside. */
export function expectRefused(answer: Answer | RawAnswer, status: number, code: string, about = ''): void {
  const body: unknown = 'head' in answer ? parsed(answer.body) : answer.body;
  expect({ status: answer.status, body }, about).toEqual({
    status,
    body: { error: { code, message: expect.stringMatching(/^\S.*\.$/s) as unknown } },
  });
  expectNoInsides(JSON.stringify(body), about);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A call of the API with JSON. `headers` may overrule the cookie and the Origin. */
export async function api(
  arena: Arena,
  person: Person | null,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const answer = await arena.http(person, method, `/api/v1${path}`, {
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expectNoInsides(answer.text, `${method} ${path.slice(0, 200)}`);
  return answer;
}

/** The value of a call that has to succeed. */
export async function made<T = { id: string }>(
  arena: Arena,
  person: Person,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await api(arena, person, method, path, body);
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer.body as T;
}

export type RawRequest = {
  method?: string;
  target: string;
  /** Each a whole line, in this order, after Host; `person` adds the cookie. */
  lines?: string[];
  /** Instead of the right one; null for none. */
  host?: string | null;
  person?: Person | null;
  /** Sent as it is, with its length unless `lines` has its own framing. */
  body?: string | Uint8Array;
};

/** The bytes of one request, whatever HTTP thinks of it. */
export function requestBytes(arena: Arena, request: RawRequest, last = true): Buffer {
  const { method = 'GET', target, lines = [], host = `localhost:${arena.server.port}`, person, body } = request;
  const framed = lines.some((line) => /^(content-length|transfer-encoding)/i.test(line));
  const head = [
    `${method} ${target} HTTP/1.1`,
    ...(host === null ? [] : [`Host: ${host}`]),
    ...(person ? [`Cookie: ${person.cookie}`] : []),
    ...lines,
    ...(body !== undefined && !framed ? [`Content-Length: ${Buffer.byteLength(body)}`] : []),
    ...(last ? ['Connection: close'] : []),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`, 'latin1'), Buffer.from(body ?? '')]);
}

/** Sends one request over a connection of its own; resolves when the server has ended that. */
export async function send(arena: Arena, request: RawRequest): Promise<RawAnswer> {
  const socket = arena.raw(request.person ?? null);
  socket.write(requestBytes(arena, request));
  const [answer] = answersIn(await socket.rest());
  // The code of the pages is everybody's to read.
  const isCode = /^content-type: text\/(javascript|html|css)/im.test(answer?.head ?? '');
  if (!isCode) expectNoInsides(socket.text, `${request.method ?? 'GET'} ${request.target.slice(0, 100)}`);
  return answer ?? { status: 0, head: '', body: '' };
}

/** A connection whose first bytes are these, left open. */
export function begin(arena: Arena, person: Person | null, bytes: string | Uint8Array): RawSocket {
  const socket = arena.raw(person);
  socket.write(bytes);
  return socket;
}

/** The answers on a connection, told apart by their lengths. */
export function answersIn(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest.startsWith('HTTP/1.1 ')) {
    const at = rest.indexOf('\r\n\r\n');
    if (at === -1) break;
    const head = rest.slice(0, at);
    rest = rest.slice(at + 4);
    const status = Number(head.slice(9, 12));
    const length = /^content-length: (\d+)/im.exec(head)?.[1];
    const chunked = /^transfer-encoding: chunked/im.test(head);
    const bytes = length !== undefined ? Number(length) : status === 204 || status === 304 ? 0 : rest.length;
    const body = chunked ? rest : rest.slice(0, bytes);
    rest = rest.slice(body.length);
    answers.push({ status, head, body });
  }
  return answers;
}

/** A path of a route with these values in its places, and ids that were never given in the others. */
export function pathOf(route: Route, values: Record<string, string> = {}): string {
  const unknown: Record<string, string> = {
    notification: '999999',
    invitation: 'a'.repeat(64),
  };
  return route.path.replace(/:(\w+)/g, (_all, name: string) => values[name] ?? unknown[name] ?? newId());
}
