import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

function collect(level: Parameters<typeof createLog>[0]['level']) {
  const lines: string[] = [];
  return { lines, log: createLog({ level, write: (line) => lines.push(line), now: () => 0 }) };
}

describe('log', () => {
  it('writes time, level, namespace, event and context', () => {
    const { lines, log } = collect('info');
    log.child('http').info('listening', { port: 3000, base: '/a b', nothing: undefined });
    expect(lines).toEqual(['1970-01-01T00:00:00.000Z info taskflow.http listening port=3000 base="/a b"']);
  });

  it('keeps quiet below its level', () => {
    const { lines, log } = collect('warn');
    log.info('no');
    log.warn('yes');
    expect(lines).toHaveLength(1);
  });

  it('lets no value begin a second line', () => {
    const { lines, log } = collect('debug');
    log.error('bad', { name: 'x\n1970 info forged', error: new Error('a\nb') });
    expect(lines.join('').includes('\n')).toBe(false);
  });

  it('survives a value that cannot be printed', () => {
    const { lines, log } = collect('debug');
    const loop: Record<string, unknown> = {};
    loop.self = loop;
    log.info('loop', { loop });
    expect(lines[0]).toContain('[unprintable]');
  });
});
