import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { addressOf, basePath, ConfigError, readConfig, withPort } from './config.ts';

describe('configuration', () => {
  it('has a default for everything', () => {
    const config = readConfig({});
    expect(config).toMatchObject({
      host: '127.0.0.1',
      port: 3000,
      databaseUrl: undefined,
      trustProxy: 0,
      logLevel: 'info',
    });
    expect(withPort(config, 3000).baseUrl.href).toBe('http://localhost:3000/');
  });

  it('lets the system choose a port, and the address follows', () => {
    expect(withPort(readConfig({ PORT: '0' }), 41234).baseUrl.origin).toBe('http://localhost:41234');
  });

  it.each([
    ['https://example.org', '', 'https://example.org/x'],
    ['https://example.org/', '', 'https://example.org/x'],
    ['https://example.org/tasks', '/tasks', 'https://example.org/tasks/x'],
    ['https://example.org/tasks/', '/tasks', 'https://example.org/tasks/x'],
  ])('understands the address %s', (given, path, address) => {
    const { baseUrl } = withPort(readConfig({ BASE_URL: given }), 1);
    expect(basePath(baseUrl)).toBe(path);
    expect(addressOf(baseUrl, '/x')).toBe(address);
  });

  it.each([
    [{ PORT: 'eighty' }, 'PORT must be a number from 0 to 65535.'],
    [{ PORT: '65536' }, 'PORT must be a number from 0 to 65535.'],
    [{ PORT: '-1' }, 'PORT must be a number from 0 to 65535.'],
    [{ BASE_URL: 'example.org' }, 'BASE_URL must be a full address'],
    [{ BASE_URL: 'ftp://example.org' }, 'BASE_URL must begin with http:// or https://.'],
    [{ BASE_URL: 'https://a:b@example.org' }, 'BASE_URL must hold no user'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL must begin with postgres://.'],
    [{ TRUST_PROXY: 'maybe' }, 'TRUST_PROXY must be true, false'],
    [{ PUSH_PRIVATE_ENDPOINTS: 'yes' }, 'PUSH_PRIVATE_ENDPOINTS must be true or false'],
    [{ LOG_LEVEL: 'loud' }, 'LOG_LEVEL must be one of debug'],
    [{ PORT: '1', PORT_FILE: '/x' }, 'PORT and PORT_FILE are both set'],
    [{ DATABASE_URL_FILE: '/nowhere/at/all' }, 'DATABASE_URL_FILE names a file that cannot be read (ENOENT).'],
  ])('refuses %j in one sentence', (env, sentence) => {
    expect(() => readConfig(env)).toThrow(ConfigError);
    expect(() => readConfig(env)).toThrow(sentence);
  });

  it('reads a secret from the file that NAME_FILE names', () => {
    const dir = mkdtempSync(join(tmpdir(), 'taskflow-config-'));
    try {
      writeFileSync(join(dir, 'url'), 'postgres://user:secret@db/x\n');
      expect(readConfig({ DATABASE_URL_FILE: join(dir, 'url') }).databaseUrl).toBe('postgres://user:secret@db/x');
      writeFileSync(join(dir, 'port'), 'x');
      expect(() => readConfig({ PORT_FILE: join(dir, 'port') })).toThrow('PORT_FILE must be a number');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  it('never repeats a wrong value: it may be a secret', () => {
    expect(() => readConfig({ DATABASE_URL: 'mysql://u:hunter2@x' })).not.toThrow('hunter2');
  });
});
