import type { GenericSchema, InferOutput } from 'valibot';
import type { Passwords } from '../auth/passwords.ts';
import type { Sessions, Visitor } from '../auth/sessions.ts';
import type { Throttle } from '../auth/throttle.ts';
import type { SiteConfig } from '../config.ts';
import type { Log } from '../log.ts';
import type { PushSender } from '../push/sender.ts';
import type { Store } from '../store/store.ts';
import type { AuthedUser, Sync } from '../sync/types.ts';
import type { Limits } from './limits.ts';

/** Below the base path, every route begins with it. */
export const API_PATH = '/api/v1';

/** Everything a route may use. Made once by the composition root. */
export interface Services {
  site: SiteConfig;
  log: Log;
  store: Store;
  sync: Sync;
  push: PushSender;
  sessions: Sessions;
  passwords: Passwords;
  /** Guesses at passwords and tokens: at one account from one address, at one account, and from one address. */
  throttles: { pair: Throttle; account: Throttle; address: Throttle };
  limits: Limits;
  now: () => number;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

type ParamNames<Path extends string> = Path extends `${string}:${infer Name}/${infer Rest}`
  ? Name | ParamNames<Rest>
  : Path extends `${string}:${infer Name}`
    ? Name
    : never;

export interface RequestContext<Path extends string, Query, Body> {
  params: Record<ParamNames<Path>, string>;
  query: Query;
  body: Body;
  visitor: Visitor | null;
  /** For counting attempts only; never logged. */
  address: string;
  userAgent: string | undefined;
  setCookie: (line: string) => void;
}

type SignedIn = { visitor: Visitor; who: AuthedUser };
type Output<S> = S extends GenericSchema ? InferOutput<S> : undefined;

interface Definition<
  Path extends string,
  Access extends 'public' | 'signed-in',
  Query extends GenericSchema | undefined,
  Body extends GenericSchema | undefined,
  Answer extends GenericSchema | undefined,
> {
  method: Method;
  /** Below /api/v1. A segment `:name` is an id, unless `params` says what else it is. */
  path: Path;
  /** One sentence for the description of the API. */
  summary: string;
  access: Access;
  params?: Partial<Record<ParamNames<Path>, RegExp>>;
  query?: Query;
  body?: Body;
  /** Without one the answer is 204. */
  answer?: Answer;
  /** 201 where something new has an id now. */
  status?: 200 | 201;
  handle: (
    context: RequestContext<Path, Output<Query>, Output<Body>> & (Access extends 'signed-in' ? SignedIn : unknown),
    services: Services,
  ) => Promise<Answer extends GenericSchema ? InferOutput<Answer> : void>;
}

/** A route as data: the router matches it, the tests enumerate it, the API's description is made of it. */
export interface Route {
  method: Method;
  path: string;
  summary: string;
  access: 'public' | 'signed-in';
  params: Partial<Record<string, RegExp>>;
  query: GenericSchema | undefined;
  body: GenericSchema | undefined;
  answer: GenericSchema | undefined;
  status: 200 | 201 | 204;
  handle: (context: RequestContext<string, unknown, unknown>, services: Services) => Promise<unknown>;
}

/** Defines a route with its path, query and body typed from their definitions. */
export function route<
  const Path extends string,
  Access extends 'public' | 'signed-in',
  Query extends GenericSchema | undefined = undefined,
  Body extends GenericSchema | undefined = undefined,
  Answer extends GenericSchema | undefined = undefined,
>(definition: Definition<Path, Access, Query, Body, Answer>): Route {
  return {
    method: definition.method,
    path: definition.path,
    summary: definition.summary,
    access: definition.access,
    params: definition.params ?? {},
    query: definition.query,
    body: definition.body,
    answer: definition.answer,
    status: definition.answer ? (definition.status ?? 200) : 204,
    // The router has matched the path, checked who is signed in, and parsed query and body with these very schemas.
    handle: definition.handle as Route['handle'],
  };
}
