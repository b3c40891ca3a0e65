import type { IncomingMessage, ServerResponse } from 'node:http';
import * as v from 'valibot';
import { ApiError, notFound } from '../../src/lib/api/errors.ts';
import { isId } from '../../src/lib/model/ids.ts';
import { StoreUnavailable } from '../store/store.ts';
import { isFull, isPassing } from '../sync/outcome.ts';
import { clientAddress } from './address.ts';
import { answerError, answerJson, answerNothing } from './answer.ts';
import { isFitText, readJsonBody } from './body.ts';
import { takeFrom } from './limits.ts';
import { ownOrigins, sourceOf } from './origin.ts';
import { inTime } from './patience.ts';
import type { Method, Route, Services } from './route.ts';

interface Match {
  route: Route;
  params: Record<string, string>;
}

type Found = Match | { allowed: Method[] } | null;

/** How long the database is likely to be away, for Retry-After. */
const UNAVAILABLE_SECONDS = 5;

/** Answers requests below /api/v1 from a table of routes. Whatever happens, exactly one JSON answer is sent. */
export function createRouter(routes: readonly Route[], services: Services) {
  const own = ownOrigins(services.site.baseUrl);
  const log = services.log.child('api');
  const find = createMatcher(routes);

  async function answer(request: IncomingMessage, response: ServerResponse, path: string, search: string) {
    const { limits, site, sessions } = services;
    const method = request.method === 'HEAD' ? 'GET' : request.method;
    const writes = method !== 'GET';
    // Before anything is looked up: whose request it is costs a query. Who was signed in a moment ago is looked up all
    // the same, so that a flood from an address does not keep out who works there.
    const address = clientAddress(request, site.trustProxy);
    const known = sessions.wasGood(request.headers);
    if (!known) takeFrom(limits.strangers, address);
    const source = sourceOf(request.headers, own);
    if (writes && source === 'foreign') throw foreignOrigin(site.baseUrl);

    const found = find(method, path);
    if (!found) throw notFound();
    if ('allowed' in found) {
      response.setHeader('Allow', found.allowed.join(', '));
      throw new ApiError('method-not-allowed', `This address takes ${found.allowed.join(', ')} only.`);
    }
    const { route, params } = found;

    const visitor = await inTime(sessions.visitor(request.headers));
    if (!visitor && known) takeFrom(limits.strangers, address);
    if (visitor) {
      if (!known) limits.strangers.giveBack(address);
      takeFrom(writes ? limits.writes : limits.reads, visitor.who.id);
    }
    if (route.access === 'signed-in' && !visitor) {
      throw new ApiError('signed-out', 'Sign in first: your session is missing, has ended or was revoked.');
    }
    if (writes && visitor?.via === 'cookie' && source !== 'own') throw foreignOrigin(site.baseUrl);
    if (visitor?.renewedCookie) response.appendHeader('Set-Cookie', visitor.renewedCookie);

    const query = parse(route.query ?? NoFields, readQuery(search), 'parameter');
    const body = writes ? parse(route.body ?? NoFields, await readJsonBody(request), 'field') : undefined;
    const result = await inTime(
      route.handle(
        {
          params,
          query,
          body,
          visitor,
          ...(visitor && { who: visitor.who }),
          address,
          userAgent: request.headers['user-agent'],
          setCookie: (line) => response.appendHeader('Set-Cookie', line),
        },
        services,
      ),
    );
    if (route.status === 204) answerNothing(request, response);
    else answerJson(request, response, route.status, result);
  }

  return async (request: IncomingMessage, response: ServerResponse, path: string, search: string): Promise<void> => {
    const started = performance.now();
    try {
      await answer(request, response, path, search);
    } catch (error) {
      answerFailure(request, response, path, error);
    }
    log.debug('answered', {
      method: request.method,
      path: patternOf(find, request.method, path),
      status: response.statusCode,
      ms: Math.round(performance.now() - started),
    });
  };

  function answerFailure(request: IncomingMessage, response: ServerResponse, path: string, error: unknown): void {
    if (error instanceof ApiError) return answerError(request, response, error);
    if (isPassing(error)) {
      log.warn('unavailable', {
        method: request.method,
        error: error instanceof Error ? (error.cause ?? error) : error,
      });
      return answerError(request, response, new ApiError('unavailable', sentenceOfFault(error), UNAVAILABLE_SECONDS));
    }
    log.error('failed', { method: request.method, path: patternOf(find, request.method, path), error });
    answerError(request, response, new ApiError('internal', 'Something broke on the server; its log says what.'));
  }
}

function sentenceOfFault(error: unknown): string {
  if (isFull(error)) return 'The disk of the server is full: it takes no changes until space is freed.';
  if (error instanceof StoreUnavailable && error.unanswered) {
    return 'The database did not answer in time; a change may still be made when it is back.';
  }
  return 'The database does not answer at this moment; try again in a few seconds.';
}

const NoFields = v.strictObject({});

function foreignOrigin(baseUrl: URL): ApiError {
  return new ApiError(
    'foreign-origin',
    `Changes with a session cookie are taken from ${baseUrl.origin} only (header Origin); programs use Authorization: Bearer.`,
  );
}

/** The pattern instead of the path: a path may hold a secret such as an invitation's code. */
function patternOf(
  find: (method: string | undefined, path: string) => Found,
  method: string | undefined,
  path: string,
) {
  const found = find(method === 'HEAD' ? 'GET' : method, path);
  return found && 'route' in found ? found.route.path : undefined;
}

/** Finds the route of a path below /api/v1, the methods that the path has, or null. */
export function createMatcher(routes: readonly Route[]): (method: string | undefined, path: string) => Found {
  const compiled = routes.map((route) => ({ route, segments: route.path.split('/').slice(1) }));
  return (method, path) => {
    const given = path.split('/').slice(1);
    const allowed: Method[] = [];
    for (const { route, segments } of compiled) {
      const params = matchSegments(route, segments, given);
      if (!params) continue;
      if (route.method === method) return { route, params };
      allowed.push(route.method);
    }
    return allowed.length > 0 ? { allowed } : null;
  };
}

function matchSegments(route: Route, segments: string[], given: string[]): Record<string, string> | null {
  if (segments.length !== given.length) return null;
  const params: Record<string, string> = {};
  for (const [i, segment] of segments.entries()) {
    const text = given[i] ?? '';
    if (!segment.startsWith(':')) {
      if (segment !== text) return null;
      continue;
    }
    // Ids and codes need no percent codes: whatever holds one is no id.
    const name = segment.slice(1);
    const fits = route.params[name]?.test(text) ?? isId(text);
    if (!fits) return null;
    params[name] = text;
  }
  return params;
}

function readQuery(search: string): Record<string, string> {
  const out = Object.create(null) as Record<string, string>;
  for (const [name, value] of new URLSearchParams(search)) {
    if (name in out) throw new ApiError('bad-request', `The parameter ${JSON.stringify(name)} is given twice.`);
    if (!isFitText(name) || !isFitText(value)) throw new ApiError('bad-request', 'The address holds a NUL character.');
    out[name] = value;
  }
  return out;
}

function parse(schema: v.GenericSchema, input: unknown, what: 'field' | 'parameter'): unknown {
  const result = v.safeParse(schema, input, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw new ApiError('invalid', sentenceOf(result.issues[0], what));
}

/** One sentence about the first thing that is wrong. Names what the sender wrote only where it is short. */
function sentenceOf(issue: v.BaseIssue<unknown>, what: 'field' | 'parameter'): string {
  const name = issue.path?.map((item) => String(item.key)).join('.') ?? '';
  if (name === '') return `${issue.message}.`;
  if (issue.expected === 'never')
    return `The ${what} ${JSON.stringify(name.slice(0, 100))} is not known here; leave it out.`;
  if (issue.input === undefined) return `The ${what} ${name} is missing.`;
  // A sentence of the library's own holds what was sent, whole.
  const { message } = issue;
  return `The ${what} ${name} ${message.startsWith('Invalid ') ? 'is not of the right type' : message}.`;
}
