/** Bodies that are too large, too deep, too many, not what they say, or never there. */
import { describe, expect } from 'vitest';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { BODY_LIMIT } from '../../server/http/body.ts';
import { Arena } from './harness.ts';
import { answersIn, api, begin, expectRefused, made, requestBytes, send, type RawAnswer } from './http-requests.ts';

const arena = new Arena();
const lines = () => ['Content-Type: application/json', `Origin: ${arena.server.url}`];
const own = () => ({ person: arena.people.olga, lines: lines() });

/** A new board asked for with this body, over a connection that does what fetch would not. */
const post = (body: string | Uint8Array, more: string[] = []): Promise<RawAnswer> =>
  send(arena, { method: 'POST', target: '/api/v1/boards', ...own(), lines: [...lines(), ...more], body });

/** Writes what it is given piece by piece until the connection ends, and tells what was answered. */
async function pour(
  head: string[],
  piece: Uint8Array | string,
  target = '/api/v1/boards',
  method = 'POST',
): Promise<RawAnswer> {
  const { olga } = arena.people;
  const bytes = requestBytes(arena, { method, target, person: olga, lines: [...lines(), ...head] }, false);
  const socket = begin(arena, olga, bytes);
  let poured = 0;
  while (!socket.ended && poured < 64 * BODY_LIMIT) {
    poured += piece.length;
    if (!socket.socket.write(piece)) await Promise.race([socket.until(() => socket.ended), drained(socket.socket)]);
  }
  await socket.rest();
  expect(poured, 'what an answered request could still send').toBeLessThan(64 * BODY_LIMIT);
  return answersIn(socket.text)[0] ?? { status: 0, head: '', body: '' };
}

const drained = (socket: NodeJS.EventEmitter) => new Promise<void>((resolve) => socket.once('drain', resolve));
const chunkOf = (bytes: number) => `${bytes.toString(16)}\r\n${' '.repeat(bytes)}\r\n`;

describe('[H6] a body', () => {
  for (const length of [BODY_LIMIT + 1, 5_000_000_000, Number.MAX_SAFE_INTEGER]) {
    arena.attack(`that declares ${length} bytes is refused before it comes`, async () => {
      const socket = begin(
        arena,
        arena.people.olga,
        requestBytes(
          arena,
          {
            method: 'POST',
            target: '/api/v1/boards',
            ...own(),
            lines: [...lines(), `Content-Length: ${length}`],
          },
          false,
        ),
      );
      const [answer] = answersIn(await socket.rest());
      expectRefused(answer ?? { status: 0, head: '', body: '' }, 413, 'too-large');
    });
  }

  arena.attack('that declares little and sends a lot ends its connection', async () => {
    const answer = await pour(['Content-Length: 20'], Buffer.alloc(65_536, 0x20));
    // What came after the twenty bytes is no request, and may have been met before the answer was written.
    expect([0, 400]).toContain(answer.status);
  });

  arena.attack('that says nothing of its size is read up to a megabyte', async () => {
    expectRefused(await pour(['Transfer-Encoding: chunked'], chunkOf(65_536)), 413, 'too-large');
  });

  arena.attack('in chunks of one byte is read up to a megabyte, and no longer', async () => {
    expectRefused(await pour(['Transfer-Encoding: chunked'], '1\r\n \r\n'.repeat(10_000)), 413, 'too-large');
  });

  arena.attack('with endless extensions of its chunks ends its connection', async () => {
    const answer = await pour(['Transfer-Encoding: chunked'], `1;${'x'.repeat(60_000)}\r\n \r\n`);
    expect([0, 400, 413]).toContain(answer.status);
  });

  for (const [target, method, status] of [
    ['/api/v1/me', 'GET', 200],
    ['/healthz', 'GET', 200],
    ['/', 'GET', 400],
    ['/', 'POST', 405],
    ['/nowhere', 'PUT', 405],
    ['/api/v1/nowhere', 'POST', 404],
    ['/api/v1/openapi.json', 'GET', 200],
  ] as const) {
    arena.attack(`that never ends, for ${method} ${target}, is not read`, async () => {
      expect((await pour(['Transfer-Encoding: chunked'], chunkOf(65_536), target, method)).status).toBe(status);
    });
  }

  arena.attack('of a megabyte is read twenty times at once, and refused for what is in it', async () => {
    const body = JSON.stringify({ title: 'x'.repeat(BODY_LIMIT - 20) });
    const answers = await Promise.all(Array.from({ length: 20 }, () => post(body)));
    for (const answer of answers) expectRefused(answer, 400, 'invalid');
  });

  arena.attack('that ends before its end makes nothing', async () => {
    const before = await boards();
    for (let i = 0; i < 50; i++) {
      const request = {
        method: 'POST',
        target: '/api/v1/boards',
        ...own(),
        lines: [...lines(), 'Content-Length: 100'],
      };
      const socket = begin(
        arena,
        arena.people.olga,
        requestBytes(arena, { ...request, body: '{"title":"half"' }, false),
      );
      await socket.until(() => !socket.socket.connecting);
      socket.socket.destroySoon();
      await socket.rest();
    }
    expect(await boards()).toBe(before);
  });

  for (const expectation of ['100-continue', '200-ok', '100-continue, evil']) {
    arena.attack(`that expects ${expectation} is refused all the same when it is too large`, async () => {
      const socket = begin(
        arena,
        arena.people.olga,
        requestBytes(
          arena,
          {
            method: 'POST',
            target: '/api/v1/boards',
            ...own(),
            lines: [...lines(), `Expect: ${expectation}`, `Content-Length: ${BODY_LIMIT * 4}`],
          },
          false,
        ),
      );
      const text = (await socket.rest()).replace('HTTP/1.1 100 Continue\r\n\r\n', '');
      expect([413, 417]).toContain(answersIn(text)[0]?.status);
    });
  }
});

const boards = async () =>
  (await made<{ items: { title: string }[] }>(arena, arena.people.olga, 'GET', '/boards')).items.length;

describe('[H6] a compressed body', () => {
  const bomb = Buffer.from(JSON.stringify({ title: 'x'.repeat(32 * BODY_LIMIT) }));
  const packed: [string, () => Buffer][] = [
    ['gzip', () => gzipSync(bomb)],
    ['x-gzip', () => gzipSync(bomb)],
    ['deflate', () => deflateSync(bomb)],
    ['br', () => brotliCompressSync(bomb.subarray(0, BODY_LIMIT))],
    ['gzip, gzip', () => gzipSync(gzipSync(bomb))],
    ['zstd', () => Buffer.from('28b52ffd', 'hex')],
    ['identity, gzip', () => gzipSync('{"title":"x"}')],
  ];
  for (const [encoding, bytes] of packed) {
    arena.attack(`by ${encoding} is not unpacked`, async () => {
      expectRefused(await post(bytes(), [`Content-Encoding: ${encoding}`]), 415, 'not-json');
    });
  }

  arena.attack('by Transfer-Encoding is no request', async () => {
    const head = requestBytes(arena, {
      method: 'POST',
      target: '/api/v1/boards',
      ...own(),
      lines: [...lines(), 'Transfer-Encoding: gzip, chunked'],
    });
    const socket = begin(arena, arena.people.olga, head);
    socket.write('5\r\n{"a":\r\n0\r\n\r\n');
    expect(answersIn(await socket.rest())[0]?.status).toBeGreaterThanOrEqual(400);
  });
});

describe('[H6] JSON', () => {
  const depth = 100_000;
  const deep: [string, string][] = [
    ['lists', '['.repeat(depth) + ']'.repeat(depth)],
    ['lists that do not end', '['.repeat(depth)],
    ['objects', '{"a":'.repeat(depth) + '1' + '}'.repeat(depth)],
    ['lists in objects', '{"a":['.repeat(depth) + ']}'.repeat(depth)],
    ['lists in the right field', `{"title":${'['.repeat(depth)}${']'.repeat(depth)}}`],
    ['lists after a quote that is escaped', `{"a\\"":${'['.repeat(depth)}${']'.repeat(depth)}}`],
    ['33 lists', `{"title":${'['.repeat(32)}${']'.repeat(32)}}`],
  ];
  for (const [name, body] of deep) {
    arena.attack(`of ${name}, ${name === '33 lists' ? 33 : depth} deep, is refused`, async () => {
      expectRefused(await post(body), 400, 'bad-request');
    });
  }

  const keys = (count: number, key: (i: number) => string) =>
    `{${Array.from({ length: count }, (_, i) => `${JSON.stringify(key(i))}:1`).join(',')}}`;
  const wide: [string, () => string, number, string][] = [
    ['a million keys', () => keys(1_000_000, (i) => i.toString(36)), 413, 'too-large'],
    ['as many keys as fit', () => keys(120_000, (i) => i.toString(36)), 400, 'bad-request'],
    ['as many numbers for keys as fit', () => keys(100_000, (i) => String(i)), 400, 'bad-request'],
    [
      'numbers for keys that are far apart',
      () => keys(60_000, (i) => String((i * 7_919_009) % 4_294_967_295)),
      400,
      'bad-request',
    ],
    ['as many keys as fit in a field', () => `{"title":${keys(100_000, (i) => i.toString(36))}}`, 400, 'bad-request'],
    ['the same key all the time', () => keys(160_000, () => 'a'), 400, 'bad-request'],
    ['a key of a megabyte', () => `{"${'k'.repeat(BODY_LIMIT - 20)}":1}`, 400, 'invalid'],
    ['a list of as many as fit', () => `{"title":[${'1,'.repeat(500_000)}1]}`, 400, 'bad-request'],
    ['a number of half a megabyte', () => `{"title":${'1'.repeat(500_000)}}`, 400, 'invalid'],
    ['a number with half a megabyte of decimals', () => `{"title":0.${'3'.repeat(500_000)}e-5}`, 400, 'invalid'],
    ['escapes only', () => `{"title":"${'\\u0041'.repeat(170_000)}"}`, 400, 'invalid'],
    ['white space only', () => ' '.repeat(BODY_LIMIT), 400, 'bad-request'],
    ['white space for a title', () => JSON.stringify({ title: ' '.repeat(BODY_LIMIT - 20) }), 400, 'invalid'],
    ['line breaks for a title', () => JSON.stringify({ title: '\n'.repeat(500_000) }), 400, 'invalid'],
    ['invisible characters for a title', () => JSON.stringify({ title: '\u200b'.repeat(340_000) }), 400, 'invalid'],
    ['combining marks for a title', () => JSON.stringify({ title: `x${'\u0301'.repeat(500_000)}` }), 400, 'invalid'],
  ];
  for (const [name, body, status, code] of wide) {
    arena.attack(`of ${name} is refused at once`, async () => {
      const bytes = body();
      if (status === 400) expect(Buffer.byteLength(bytes), 'it would not even be read').toBeLessThanOrEqual(BODY_LIMIT);
      const answer = await post(bytes);
      expectRefused(answer, status, code);
      expect(answer.body.length, 'what was sent does not come back').toBeLessThan(400);
    });
  }

  const odd: [string, string | Uint8Array, number, string][] = [
    ['nothing', '', 400, 'invalid'],
    ['null', 'null', 400, 'bad-request'],
    ['a number', '1', 400, 'bad-request'],
    ['a text', '"title"', 400, 'bad-request'],
    ['a list', '[{"title":"x"}]', 400, 'bad-request'],
    ['two objects', '{"title":"x"}{"title":"y"}', 400, 'bad-request'],
    ['something after its end', '{"title":"x"}\u0000', 400, 'bad-request'],
    ['a comment', '{"title":"x"/**/}', 400, 'bad-request'],
    ['a last comma', '{"title":"x",}', 400, 'bad-request'],
    ['single quotes', "{'title':'x'}", 400, 'bad-request'],
    ['NaN', '{"title":NaN}', 400, 'bad-request'],
    ['UTF-16', Buffer.from('\ufeff{"title":"x"}', 'utf16le'), 400, 'bad-request'],
    ['UTF-8 that is overlong', Buffer.from('7b227469746c65223a22c080227d', 'hex'), 400, 'bad-request'],
    ['half a pair in UTF-8', Buffer.from('7b227469746c65223a22eda080227d', 'hex'), 400, 'bad-request'],
    ['half a pair, escaped', '{"title":"\\udc00"}', 400, 'bad-request'],
    ['half a pair in a key', '{"\\ud800":1}', 400, 'bad-request'],
    ['NUL, escaped', '{"title":"a\\u0000"}', 400, 'bad-request'],
    ['NUL in a key', '{"a\\u0000":1}', 400, 'bad-request'],
  ];
  for (const [name, body, status, code] of odd) {
    arena.attack(`that is ${name} is refused`, async () => {
      expectRefused(await post(body), status, code);
    });
  }

  arena.attack('of a megabyte of white space around a title is a title', async () => {
    const answer = await api(arena, arena.people.olga, 'POST', '/boards', { title: `${' '.repeat(BODY_LIMIT - 40)}x` });
    expect([answer.status, (answer.body as { title: string }).title]).toEqual([201, 'x']);
  });

  arena.attack('with one key twice says the last one, as everywhere', async () => {
    const answer = await api(arena, arena.people.olga, 'POST', '/boards', '{"title":"first","title":"last"}');
    expect([answer.status, (answer.body as { title: string }).title]).toEqual([201, 'last']);
  });
});
