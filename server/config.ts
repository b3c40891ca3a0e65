import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import * as v from 'valibot';
import { LOG_LEVELS, type LogLevel } from './log.ts';

export interface Config {
  host: string;
  /** 0 lets the system choose. */
  port: number;
  /** Without a trailing slash; null until the port is known when neither was given. See `withPort`. */
  baseUrl: URL | null;
  dataDir: string;
  /** Unset: the embedded database in `dataDir`. */
  databaseUrl: string | undefined;
  /** How many reverse proxies stand before this process and set X-Forwarded-For and X-Forwarded-Proto. */
  trustProxy: number;
  /** Whether subscriptions may name addresses of this machine and its networks, and plain http. For a push service of one's own. */
  pushPrivateEndpoints: boolean;
  logLevel: LogLevel;
}

/** A configuration whose address is known. */
export interface SiteConfig extends Config {
  baseUrl: URL;
}

/** Its message is one sentence for the person who starts the server. */
export class ConfigError extends Error {
  override name = 'ConfigError';
}

const Port = v.pipe(
  v.string(),
  v.regex(/^\d{1,5}$/, 'must be a number from 0 to 65535'),
  v.transform(Number),
  v.maxValue(65535, 'must be a number from 0 to 65535'),
);

const BaseUrl = v.pipe(
  v.string(),
  v.check(
    (s) => URL.canParse(s),
    'must be a full address such as https://tasks.example.org or https://example.org/tasks',
  ),
  v.transform((s) => new URL(s)),
  v.check((url) => url.protocol === 'https:' || url.protocol === 'http:', 'must begin with http:// or https://'),
  v.check((url) => !url.username && !url.password && !url.search && !url.hash, 'must hold no user, password, ? or #'),
  v.check(
    (url) => /^(\/[A-Za-z0-9._~-]+)*\/?$/.test(url.pathname),
    'may have a path of letters, digits and . _ ~ - only',
  ),
);

const DatabaseUrl = v.pipe(
  v.string(),
  v.check((s) => URL.canParse(s) && /^postgres(ql)?:$/.test(new URL(s).protocol), 'must begin with postgres://'),
);

const ON_OFF = new Map([
  ['true', 1],
  ['false', 0],
]);
const TrustProxy = v.pipe(
  v.string(),
  v.transform((s) => ON_OFF.get(s.toLowerCase()) ?? (/^\d$/.test(s) ? Number(s) : -1)),
  v.minValue(0, 'must be true, false, or the number of proxies before this server (0 to 9)'),
);

const OnOff = v.pipe(
  v.string(),
  v.transform((s) => s.toLowerCase()),
  v.picklist(['true', 'false'], 'must be true or false'),
  v.transform((s) => s === 'true'),
);

const Environment = v.object({
  HOST: v.optional(v.pipe(v.string(), v.regex(/^[A-Za-z0-9.:_-]+$/, 'must be an address or a host name')), '127.0.0.1'),
  PORT: v.optional(Port, '3000'),
  BASE_URL: v.optional(BaseUrl),
  DATA_DIR: v.optional(v.string(), './data'),
  DATABASE_URL: v.optional(DatabaseUrl),
  TRUST_PROXY: v.optional(TrustProxy, 'false'),
  PUSH_PRIVATE_ENDPOINTS: v.optional(OnOff, 'false'),
  LOG_LEVEL: v.optional(v.picklist(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`), 'info'),
});

/** Every variable the server reads, each also as NAME_FILE. */
export const CONFIG_NAMES = Object.keys(Environment.entries) as (keyof typeof Environment.entries)[];

/**
 * Reads the configuration from environment variables, or from the file that NAME_FILE names (a secret mounted by a
 * container runtime). Empty counts as unset. Throws `ConfigError` with one sentence that names the wrong variable.
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given: Record<string, string> = {};
  const source: Record<string, string> = {};
  for (const name of CONFIG_NAMES) {
    const found = readVariable(env, name);
    if (!found) continue;
    given[name] = found.value;
    source[name] = found.from;
  }
  const parsed = v.safeParse(Environment, given);
  if (!parsed.success) {
    const issue = parsed.issues[0];
    const name = String(issue.path?.[0]?.key);
    throw new ConfigError(`${source[name] ?? name} ${issue.message}.`);
  }
  const o = parsed.output;
  return {
    host: o.HOST,
    port: o.PORT,
    baseUrl: o.BASE_URL ? withoutSlash(o.BASE_URL) : null,
    dataDir: resolve(o.DATA_DIR),
    databaseUrl: o.DATABASE_URL,
    trustProxy: o.TRUST_PROXY,
    pushPrivateEndpoints: o.PUSH_PRIVATE_ENDPOINTS,
    logLevel: o.LOG_LEVEL,
  };
}

/** Completes a configuration with the port that was really opened. */
export function withPort(config: Config, port: number): SiteConfig {
  return { ...config, port, baseUrl: config.baseUrl ?? new URL(`http://localhost:${port}`) };
}

/** The path under which everything is served: `''` or `/tasks`. */
export function basePath(baseUrl: URL): string {
  return baseUrl.pathname === '/' ? '' : baseUrl.pathname;
}

/** A full address below BASE_URL. `path` begins with a slash. */
export function addressOf(baseUrl: URL, path: string): string {
  return `${baseUrl.origin}${basePath(baseUrl)}${path}`;
}

function withoutSlash(url: URL): URL {
  const out = new URL(url);
  out.pathname = out.pathname.replace(/\/+$/, '');
  return out;
}

function readVariable(env: Record<string, string | undefined>, name: string): { value: string; from: string } | null {
  const direct = env[name]?.trim();
  const file = env[`${name}_FILE`]?.trim();
  if (direct && file) throw new ConfigError(`${name} and ${name}_FILE are both set; set one of them.`);
  if (direct) return { value: direct, from: name };
  if (!file) return null;
  let value: string;
  try {
    value = readFileSync(file, 'utf8').trim();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new ConfigError(`${name}_FILE names a file that cannot be read (${code}).`);
  }
  if (!value) throw new ConfigError(`${name}_FILE names an empty file.`);
  return { value, from: `${name}_FILE` };
}
