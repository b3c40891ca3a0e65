/** HTTP itself bent: framing that smuggles, verbs, pipelines, headers, and words that become headers. */
import { describe, expect } from 'vitest';
import { Arena } from './harness.ts';
import { answersIn, begin, expectNoInsides, made, requestBytes, send } from './http-requests.ts';

const arena = new Arena();
const SMUGGLED = 'POST /api/v1/boards HTTP/1.1';

/** What a second request hidden in the first would make. */
const hidden = () =>
  requestBytes(arena, {
    method: 'POST',
    target: '/api/v1/boards',
    person: arena.people.olga,
    lines: [`Origin: ${arena.server.url}`, 'Content-Type: application/json'],
    body: '{"title":"Smuggled"}',
  });

async function expectNothingSmuggled(): Promise<void> {
  const { items } = await made<{ items: { title: string }[] }>(arena, arena.people.olga, 'GET', '/boards?limit=200');
  expect(items.map(({ title }) => title)).not.toContain('Smuggled');
}

describe('[H24] a request with two lengths', () => {
  const framings: [string, string[]][] = [
    ['Content-Length and Transfer-Encoding', ['Content-Length: 4', 'Transfer-Encoding: chunked']],
    ['Transfer-Encoding and Content-Length', ['Transfer-Encoding: chunked', 'Content-Length: 4']],
    ['two Content-Lengths', ['Content-Length: 4', 'Content-Length: 5']],
    ['two Content-Lengths in one', ['Content-Length: 4, 5']],
    ['the same Content-Length twice', ['Content-Length: 4', 'Content-Length: 4']],
    ['a signed length', ['Content-Length: +4']],
    ['a negative length', ['Content-Length: -1']],
    ['a length in hex', ['Content-Length: 0x4']],
    ['a length with a space', ['Content-Length: 4 4']],
    ['a length beyond 2^64', ['Content-Length: 18446744073709551620']],
    ['a length without digits', ['Content-Length: ']],
    ['a space before the colon', ['Transfer-Encoding : chunked']],
    ['a tab before chunked', ['Transfer-Encoding:\tchunked', 'Content-Length: 4']],
    ['chunked twice', ['Transfer-Encoding: chunked, chunked', 'Content-Length: 4']],
    ['something like chunked', ['Transfer-Encoding: xchunked', 'Content-Length: 4']],
    ['chunked before identity', ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity', 'Content-Length: 4']],
    ['chunked on a folded line', ['X-Fold: a\r\n Transfer-Encoding: chunked', 'Content-Length: 4']],
    ['chunked in a new line only', ['X-A: b\nTransfer-Encoding: chunked', 'Content-Length: 4']],
    ['chunked after a bare return', ['X-A: b\rTransfer-Encoding: chunked', 'Content-Length: 4']],
    ['chunked after NUL', ['Transfer-Encoding: \u0000chunked', 'Content-Length: 4']],
    ['chunked in quotes', ['Transfer-Encoding: "chunked"', 'Content-Length: 4']],
  ];
  for (const [name, lines] of framings) {
    arena.attack(`(${name}) hides no second one`, async () => {
      const { mia } = arena.people;
      const head = requestBytes(
        arena,
        {
          method: 'POST',
          target: '/api/v1/boards',
          person: mia,
          lines: [`Origin: ${arena.server.url}`, 'Content-Type: application/json', ...lines],
        },
        false,
      );
      const socket = begin(arena, mia, Buffer.concat([head, Buffer.from('0\r\n\r\n'), hidden()]));
      const answers = answersIn(await socket.rest());
      for (const { status } of answers.slice(0, 1)) expect(status).toBeGreaterThanOrEqual(400);
      expect(answers.filter(({ status }) => status < 300)).toEqual([]);
      expectNoInsides(socket.text);
      await expectNothingSmuggled();
    });
  }

  arena.attack('in its chunks hides no second one', async () => {
    const { mia } = arena.people;
    const chunks = [
      '5;a=\r\nx\r\n',
      '-1\r\n',
      '0x5\r\nhello\r\n',
      '5\r\nhelloX\r\n',
      '\r\n',
      'FFFFFFFFFFFFFFFFF\r\n',
      '5\nhello\n',
      ' 5\r\nhello\r\n',
      '5 \r\nhello\r\n',
    ];
    for (const chunk of chunks) {
      const lines = [`Origin: ${arena.server.url}`, 'Content-Type: application/json', 'Transfer-Encoding: chunked'];
      const head = requestBytes(arena, { method: 'POST', target: '/api/v1/boards', person: mia, lines }, false);
      const socket = begin(arena, mia, Buffer.concat([head, Buffer.from(`${chunk}0\r\n\r\n`), hidden()]));
      const answers = answersIn(await socket.rest());
      expect(
        answers.filter(({ status }) => status < 300),
        JSON.stringify(chunk),
      ).toEqual([]);
    }
    await expectNothingSmuggled();
  });

  arena.attack('on a GET is a body that is thrown away, not a request', async () => {
    const { mia } = arena.people;
    const inside = hidden();
    for (const target of ['/api/v1/me', '/healthz', '/']) {
      const lines = [`Content-Length: ${inside.length}`];
      const socket = begin(
        arena,
        mia,
        Buffer.concat([requestBytes(arena, { target, person: mia, lines }, false), inside]),
      );
      const answers = answersIn(
        await Promise.race([
          socket.rest(),
          socket.until(() => answersIn(socket.text).length > 0).then(() => socket.text),
        ]),
      );
      expect(answers, target).toHaveLength(1);
      expect(socket.text).not.toContain(SMUGGLED);
    }
    await expectNothingSmuggled();
  });

  arena.attack('with an upgrade that is none is answered as what it is', async () => {
    const { mia } = arena.people;
    for (const upgrade of ['h2c', 'TLS/1.0', 'WebSocket', 'WebSocket, h2c']) {
      for (const target of ['/api/v1/me', '/api/v1/nowhere']) {
        const lines = ['Connection: Upgrade, HTTP2-Settings', `Upgrade: ${upgrade}`];
        const socket = begin(arena, mia, requestBytes(arena, { target, person: mia, lines }, false));
        await socket.until(() => answersIn(socket.text).length > 0 || socket.ended);
        expect(answersIn(socket.text)[0]?.status, `${upgrade} ${target}`).toBe(
          target === '/api/v1/nowhere' || upgrade === 'WebSocket' ? 404 : 200,
        );
      }
    }
  });

  arena.attack('that offers HTTP/2 is answered in HTTP/1.1', async () => {
    const lines = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
    const { mia } = arena.people;
    const socket = begin(arena, mia, requestBytes(arena, { target: '/api/v1/me', person: mia, lines }, false));
    await socket.until(() => answersIn(socket.text).length > 0);
    expect(answersIn(socket.text)[0]?.status).toBe(200);
  });
});

describe('a verb', () => {
  for (const method of [
    'TRACE',
    'OPTIONS',
    'PROPFIND',
    'COPY',
    'MOVE',
    'LOCK',
    'PURGE',
    'LINK',
    'M-SEARCH',
    'SEARCH',
    'QUERY',
    'PUT',
    'DELETE',
  ]) {
    arena.attack(`${method} is not known where it is not told, and echoes nothing`, async () => {
      const { mia } = arena.people;
      for (const target of [
        '/api/v1/me',
        '/api/v1/nowhere',
        '/',
        '/sign-in',
        '/shell',
        '/healthz',
        '/metrics',
        '/service-worker.js',
        '/nowhere',
        '*',
      ]) {
        const lines = [`Origin: ${arena.server.url}`, 'X-Secret: do-not-echo', 'Max-Forwards: 0'];
        const answer = await send(arena, { method, target, person: mia, lines });
        expect([400, 403, 404, 405, 415], `${method} ${target}`).toContain(answer.status);
        expect(answer.head + answer.body).not.toContain('do-not-echo');
        expect(answer.head).not.toMatch(/access-control-allow/i);
      }
    });
  }

  for (const line of [
    'get /api/v1/me HTTP/1.1',
    'Get /api/v1/me HTTP/1.1',
    'GETX /api/v1/me HTTP/1.1',
    'GET\t/api/v1/me HTTP/1.1',
    'GET /api/v1/me HTTP/9.9',
    'GET',
    '/api/v1/me',
    '\u0016\u0003\u0001\u0002\u0000\u0001\u0000',
    'PRI * HTTP/2.0',
    '\u0000\u0000\u0000',
    'ünknown /api/v1/me HTTP/1.1',
  ]) {
    arena.attack(`in ${JSON.stringify(line)} is no request`, async () => {
      const { mia } = arena.people;
      const socket = begin(
        arena,
        mia,
        Buffer.from(`${line}\r\nHost: localhost\r\nCookie: ${mia.cookie}\r\nConnection: close\r\n\r\n`, 'latin1'),
      );
      const answers = answersIn(await socket.rest());
      expect(answers.every(({ status }) => status === 400 || status === 505)).toBe(true);
      expect(socket.text).not.toContain(mia.id);
      expectNoInsides(socket.text);
    });
  }

  arena.attack('in a line that Node reads generously is its sender’s own request and nobody else’s', async () => {
    const { mia } = arena.people;
    for (const line of [
      'GET  /api/v1/me HTTP/1.1',
      'GET /api/v1/me HTTP/2.0',
      'GET /api/v1/me',
      'GET /api/v1/me HTTP/1.0',
    ]) {
      const socket = begin(arena, mia, `${line}\r\nHost: x\r\nCookie: ${mia.cookie}\r\nConnection: close\r\n\r\n`);
      const text = await socket.rest();
      for (const { status, body } of answersIn(text)) {
        expect([200, 400, 505]).toContain(status);
        if (status === 200) expect(body).toContain(mia.id);
      }
    }
  });

  arena.attack('CONNECT leads nowhere', async () => {
    for (const target of ['127.0.0.1:22', 'localhost:5432', `localhost:${arena.server.port}`]) {
      const socket = begin(arena, null, `CONNECT ${target} HTTP/1.1\r\nHost: ${target}\r\n\r\n`);
      expect(await socket.rest()).not.toMatch(/^HTTP\/1\.1 2/);
    }
  });

  arena.attack('of a preflight from a foreign page allows nothing', async () => {
    const lines = [
      'Origin: https://evil.example',
      'Access-Control-Request-Method: DELETE',
      'Access-Control-Request-Headers: content-type',
    ];
    for (const target of ['/api/v1/boards', '/api/v1/session', '/', '/sync']) {
      const answer = await send(arena, { method: 'OPTIONS', target, lines });
      expect(answer.status, target).toBeGreaterThanOrEqual(400);
      expect(answer.head).not.toMatch(/access-control-/i);
    }
    const read = await send(arena, {
      target: '/api/v1/me',
      person: arena.people.mia,
      lines: ['Origin: https://evil.example'],
    });
    expect(read.head).not.toMatch(/access-control-/i);
    expect(read.head).toMatch(/cross-origin-resource-policy: same-origin/i);
  });
});

describe('[H24] a pipeline', () => {
  const times = (count: number, target: string, lines: string[] = []) => {
    const { mia } = arena.people;
    return Buffer.concat(
      Array.from({ length: count }, () => requestBytes(arena, { target, person: mia, lines }, false)),
    );
  };

  arena.attack('of fifty requests is answered in order', async () => {
    const { mia } = arena.people;
    const paths = Array.from({ length: 50 }, (_, i) => (i % 2 === 0 ? '/api/v1/me' : '/healthz'));
    const socket = begin(
      arena,
      mia,
      Buffer.concat(paths.map((target) => requestBytes(arena, { target, person: mia }, false))),
    );
    await socket.until(() => answersIn(socket.text).length === 50 || socket.ended);
    expect(answersIn(socket.text).map(({ body }) => (body === 'alive' ? '/healthz' : '/api/v1/me'))).toEqual(paths);
  });

  for (const target of [
    '/api/v1/me',
    '/api/v1/openapi.json',
    '/',
    '/sign-in',
    '/shell',
    '/service-worker.js',
    '/readyz',
    '/api/v1/nowhere',
  ]) {
    arena.attack(`of 1,000 requests for ${target} ends its connection`, async () => {
      const { mia } = arena.people;
      const socket = begin(arena, mia, times(1_000, target));
      await socket.rest();
      expect(answersIn(socket.text).length).toBeLessThanOrEqual(101);
    });
  }

  arena.attack('on each of 60 connections that read nothing holds neither files nor memory', async () => {
    const { mia } = arena.people;
    const sockets = Array.from({ length: 60 }, () => {
      const socket = begin(arena, mia, times(40, '/api/v1/openapi.json'));
      socket.socket.pause();
      return socket;
    });
    await Promise.all(sockets.map((socket) => socket.until(() => !socket.socket.connecting)));
    await arena.unharmed('while they wait');
    for (const { socket } of sockets) socket.resetAndDestroy();
  });

  arena.attack('with nonsense in it gets no answer into the middle of another', async () => {
    const { mia } = arena.people;
    for (let i = 0; i < 20; i++) {
      const socket = begin(arena, mia, Buffer.concat([times(3, '/api/v1/me'), Buffer.from('NONSENSE\r\n\r\n')]));
      await socket.rest();
      for (const { status, body } of answersIn(socket.text)) {
        expect([200, 400]).toContain(status);
        if (status === 200) expect((JSON.parse(body) as { id: string }).id).toBe(mia.id);
      }
    }
  });
});

describe('headers', () => {
  const floods: [string, () => string[], number[]][] = [
    ['2,000 fields', () => Array.from({ length: 2_000 }, (_, i) => `x${i.toString(36)}: y`), [200, 431]],
    ['5,000 fields', () => Array.from({ length: 5_000 }, (_, i) => `x${i}: y`), [431]],
    ['one field of 64 kB', () => [`X-Large: ${'x'.repeat(65_536)}`], [431]],
    ['a name of 64 kB', () => [`${'x'.repeat(65_536)}: y`], [431]],
    ['a cookie of 64 kB', () => [`Cookie: ${'a=b; '.repeat(13_000)}`], [431]],
    ['a cookie of a thousand sessions', () => [`Cookie: ${'taskflow_session=x; '.repeat(700)}`], [200, 401]],
    ['a hundred tokens', () => Array.from({ length: 100 }, () => `Authorization: Bearer ${'a'.repeat(40)}`), [401]],
    ['a thousand addresses', () => [`X-Forwarded-For: ${'10.0.0.1, '.repeat(1_000)}`], [200]],
    ['a cookie with a broken code', () => ['Cookie: a=%E0%A4%A; b=%'], [200]],
    ['a cookie named __proto__', () => ['Cookie: __proto__=x; constructor=y'], [200]],
    ['bytes above ASCII', () => ['X-Byte: \xff\xfe\xe9', 'User-Agent: \xff\u00e9'], [200]],
    ['control characters', () => ['X-Byte: a\u0001b'], [200, 400]],
    ['a NUL', () => ['X-Byte: a\u0000b'], [400]],
    ['no name', () => [': y'], [400]],
    ['a name with a space', () => ['X Y: z'], [400]],
    ['no colon', () => ['Nothing'], [400]],
    ['another encoding', () => ['Accept-Encoding: gzip;q=1.0, *;q=0, br;q=nan'], [200]],
    ['a range', () => ['Range: bytes=5-2'], [200]],
    ['many ranges', () => [`Range: bytes=${'0-0,'.repeat(3_000)}0-1`], [200]],
    ['conditions', () => ['If-None-Match: *', 'If-Match: "x"', 'If-Modified-Since: never', 'If-Range: x'], [200, 304]],
  ];
  for (const [name, lines, statuses] of floods) {
    arena.attack(`with ${name} are read or refused`, async () => {
      for (const target of ['/api/v1/me', '/sign-in', '/shell', '/service-worker.js', '/healthz']) {
        const person = name.includes('cookie') || name.includes('tokens') ? null : arena.people.mia;
        const answer = await send(arena, { target, person, lines: lines() });
        const expected =
          person === null && target === '/api/v1/me' && statuses.includes(200)
            ? [401, ...statuses]
            : [...statuses, ...(statuses.includes(401) ? [200] : [])];
        expect(expected, `${target} ${answer.status}`).toContain(answer.status);
      }
    });
  }

  arena.attack('are made of nothing that was sent', async () => {
    const { mia } = arena.people;
    const evil = '%0d%0aSet-Cookie:%20evil=1%0d%0a%0d%0a<script>';
    const targets = ['/', '/sign-in', '/shell/', '/b/x/', '/nowhere/', '//', '/api/v1/boards', '/invite/'].flatMap(
      (path) => [
        `${path}?next=${evil}`,
        `${path}${evil}`,
        `${path}?${evil}`,
        `${path}/%0d%0aLocation:%20https://evil.example`,
        `${path}%E5%98%8A%E5%98%8DSet-Cookie:evil`,
      ],
    );
    for (const target of targets) {
      const { head } = await send(arena, { target, person: mia, lines: ['Referer: https://evil.example/\u0001'] });
      expect(head, target).not.toMatch(/^(set-cookie: evil|location: https?:)/im);
      expect(head, target).not.toMatch(/evil\.example/);
    }
  });

  arena.attack('of a sign-in hold what the server chose, whatever the name and the device say', async () => {
    const body = JSON.stringify({ username: 'mia', password: 'correct horse battery' });
    const lines = [
      'Content-Type: application/json',
      'User-Agent: x\u00ff; Set-Cookie: evil=1; <script>alert(1)</script>',
    ];
    const answer = await send(arena, { method: 'POST', target: '/api/v1/session', lines, body });
    expect(answer.status).toBe(200);
    expect(answer.head.match(/^set-cookie:/gim)).toHaveLength(1);
    expect(answer.head + answer.body).not.toMatch(/evil|<script>/);
    const bearer = await made<{ items: { device: string }[] }>(arena, arena.people.mia, 'GET', '/sessions');
    expect(JSON.stringify(bearer)).not.toMatch(/<script>|evil/);
  });
});
