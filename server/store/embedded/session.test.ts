import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Session } from './session.ts';
import {
  closeStatement,
  concat,
  errorResponse,
  firstValue,
  int32,
  MessageReader,
  query,
  statusAfter,
  sync,
} from './wire.ts';

const PATIENCE = 1_000;
const latin = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function typed(type: string, body: string): Uint8Array {
  const out = new Uint8Array(5 + body.length);
  out.set(new TextEncoder().encode(type + '\0\0\0\0' + body));
  new DataView(out.buffer).setInt32(1, out.length - 1);
  return out;
}
const parse = (name: string, sql = 'select 1') => typed('P', `${name}\0${sql}\0\0\0`);
const ready = (status: string) => typed('Z', status);

function startup(): Uint8Array {
  const out = new Uint8Array(8);
  new DataView(out.buffer).setInt32(0, 8);
  new DataView(out.buffer).setInt32(4, 196_608);
  return out;
}

/** An engine that only knows whether it is in a transaction, and notes what reached it. */
class FakeEngine {
  status = 'I';
  readonly ran: string[] = [];
  readonly sent: { connection: number; types: string; text: string }[] = [];
  readonly hungUp: number[] = [];
  begins = 0;
  idles = 0;
  broken = false;
  readonly session = new Session(
    {
      execute: (bytes) => this.#execute(bytes),
      send: (connection, bytes) => {
        const types = bytes.length === 1 ? latin(bytes) : new Answers(bytes).types;
        this.sent.push({ connection, types, text: latin(bytes) });
      },
      hangUp: (connection) => this.hungUp.push(connection),
      begin: () => (this.begins += 1),
      idle: () => (this.idles += 1),
    },
    PATIENCE,
  );

  #execute(bytes: Uint8Array): Uint8Array {
    const reader = new MessageReader();
    reader.push(startup());
    const answers: Uint8Array[] = [];
    for (const { type, bytes: message } of reader.push(bytes)) {
      const text = latin(message.subarray(5)).replaceAll('\0', ' ').trim();
      this.ran.push(`${type} ${text}`.trim());
      if (type === 'Q') {
        if (text === 'begin') this.status = 'T';
        if (text === 'fail' && this.status === 'T') this.status = 'E';
        if (text === 'commit' || text === 'rollback') this.status = 'I';
        answers.push(typed('C', `${text}\0`));
      }
      if (type === 'P') answers.push(typed('1', ''));
      if (type === 'C') answers.push(typed('3', ''));
      if ((type === 'Q' || type === 'S') && !this.broken) answers.push(ready(this.status));
    }
    return concat(answers);
  }

  connect(id: number): void {
    this.session.connect(id);
    this.session.receive(id, startup());
    this.sent.length = 0;
  }

  say(id: number, ...messages: Uint8Array[]): void {
    this.session.receive(id, concat(messages));
  }

  /** What a connection was answered since the last look. */
  heard(connection: number): string {
    const types = this.sent.filter((each) => each.connection === connection).map(({ types }) => types);
    for (let i = this.sent.length - 1; i >= 0; i--) if (this.sent[i]?.connection === connection) this.sent.splice(i, 1);
    return types.join('');
  }
}

class Answers {
  readonly types: string;
  constructor(bytes: Uint8Array) {
    let types = '';
    for (let at = 0; at < bytes.length; at += 1 + int32(bytes, at + 1)) types += String.fromCharCode(bytes[at] ?? 0);
    this.types = types;
  }
}

async function settled(): Promise<void> {
  await vi.advanceTimersByTimeAsync(10);
}

describe('one session for many connections', () => {
  let engine: FakeEngine;
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setImmediate', 'clearImmediate', 'performance'] });
    engine = new FakeEngine();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test('[DB27] a client is welcomed, encryption is declined, and cancelling is passed over', async () => {
    engine.session.connect(1);
    const sslRequest = startup();
    new DataView(sslRequest.buffer).setInt32(4, 80_877_103);
    engine.session.receive(1, sslRequest);
    engine.session.receive(1, startup());
    expect(engine.heard(1)).toBe('NRSKZ');
    engine.session.connect(2);
    const cancel = startup();
    new DataView(cancel.buffer).setInt32(4, 80_877_102);
    engine.session.receive(2, cancel);
    await settled();
    expect(engine.hungUp).toEqual([2]);
    expect(engine.ran).toEqual([]);
  });

  test('[DB27] nobody is answered in the middle of writing', async () => {
    engine.connect(1);
    engine.say(1, query('select'));
    expect(engine.sent).toEqual([]);
    await settled();
    expect(engine.heard(1)).toBe('CZ');
  });

  test('[DB27] messages arrive in whatever pieces', async () => {
    engine.connect(1);
    for (const byte of concat([query('one'), query('two')])) engine.session.receive(1, Uint8Array.of(byte));
    await settled();
    expect(engine.ran).toEqual(['Q one', 'Q two']);
  });

  test('[DB27] connections take turns unit by unit', async () => {
    engine.connect(1);
    engine.connect(2);
    engine.say(1, query('a1'), query('a2'));
    engine.say(2, query('b1'));
    await settled();
    expect(engine.ran).toEqual(['Q a1', 'Q b1', 'Q a2']);
    expect(engine.idles).toBe(3);
    expect(engine.begins).toBe(3);
  });

  test('[DB27] a transaction keeps its turn until it is idle again', async () => {
    engine.connect(1);
    engine.connect(2);
    engine.say(1, query('begin'));
    await settled();
    engine.say(2, query('other'));
    engine.say(1, query('fail'));
    await settled();
    engine.say(1, query('rollback'));
    await settled();
    expect(engine.ran).toEqual(['Q begin', 'Q fail', 'Q rollback', 'Q other']);
  });

  test('[DB27] a unit that has no end yet keeps its turn', async () => {
    engine.connect(1);
    engine.connect(2);
    engine.say(1, parse('s'), typed('H', ''));
    await settled();
    expect(engine.heard(1)).toBe('1');
    engine.say(2, query('other'));
    await settled();
    expect(engine.heard(2)).toBe('');
    engine.say(1, sync());
    await settled();
    expect(engine.heard(1)).toBe('Z');
    expect(engine.heard(2)).toBe('CZ');
  });

  test('[DB27] who waits for an idle holder too long is told 55P03, and can go on', async () => {
    engine.connect(1);
    engine.connect(2);
    engine.connect(3);
    engine.say(1, query('begin'));
    await settled();
    engine.say(2, query('simple'));
    engine.say(3, parse('s'), typed('H', ''));
    await vi.advanceTimersByTimeAsync(PATIENCE - 10);
    expect(engine.sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(20);
    expect(engine.sent.at(-1)?.text).toContain('55P03');
    expect(engine.heard(2)).toBe('EZ');
    // The extended protocol: everything up to the next Sync is dropped, and only that is answered.
    expect(engine.heard(3)).toBe('E');
    engine.say(3, parse('t'), sync());
    expect(engine.heard(3)).toBe('Z');
    engine.say(1, query('commit'));
    engine.say(3, query('again'));
    await settled();
    expect(engine.heard(3)).toBe('CZ');
    expect(engine.ran).toEqual(['Q begin', 'Q commit', 'Q again']);
  });

  test('[DB27] a holder that works is waited for', async () => {
    engine.connect(1);
    engine.connect(2);
    engine.say(1, query('begin'));
    engine.say(2, query('other'));
    for (let i = 0; i < 5; i++) {
      await vi.advanceTimersByTimeAsync(PATIENCE * 0.8);
      engine.say(1, query(`step ${i}`));
    }
    await settled();
    expect(engine.heard(2)).toBe('');
    engine.say(1, query('commit'));
    await settled();
    expect(engine.heard(2)).toBe('CZ');
  });

  test('[DB27] what a connection leaves behind is undone', async () => {
    engine.connect(1);
    engine.connect(2);
    engine.say(1, parse('named'), parse(''), sync(), query('begin'));
    await settled();
    engine.say(2, query('other'));
    engine.session.disconnect(1);
    engine.session.disconnect(1);
    await settled();
    expect(engine.ran.slice(-5)).toEqual(['S', 'Q rollback', 'C Snamed', 'S', 'Q other']);
    expect(engine.hungUp).toEqual([1]);
    engine.say(1, query('too late'));
    await settled();
    expect(engine.ran.at(-1)).toBe('Q other');
  });

  test('[DB27] goodbye ends the connection', async () => {
    engine.connect(1);
    engine.say(1, query('a'), typed('X', ''));
    await settled();
    expect(engine.hungUp).toEqual([1]);
  });

  test('[DB27] COPY FROM STDIN, for which the engine would wait for ever, is refused', async () => {
    engine.connect(1);
    engine.connect(2);
    engine.say(1, query('  COPY t (a)\n FROM stdin'));
    engine.say(2, parse('', 'copy t from stdin with (format csv)'), sync());
    await settled();
    expect(engine.sent.map(({ text }) => text.includes('0A000'))).toEqual([true, true]);
    expect(engine.hungUp).toEqual([1, 2]);
    expect(engine.ran).toEqual([]);
  });

  test('[DB29] an answer without its end is not believed', () => {
    engine.connect(1);
    engine.broken = true;
    engine.say(1, query('select'));
    expect(() => vi.advanceTimersByTime(1)).toThrow('did not finish its answer');
    expect(engine.sent).toEqual([]);
  });
});

describe('the wire', () => {
  test('the end of an answer says where the session is', () => {
    expect(statusAfter(concat([typed('C', 'x\0'), ready('T')]))).toBe('T');
    expect(statusAfter(typed('1', ''))).toBeNull();
    expect(statusAfter(new Uint8Array())).toBeNull();
  });

  test('the first value of an answer, or its error', () => {
    const row = typed('D', '\0\x01\0\0\0\x0242');
    expect(firstValue(concat([typed('T', '\0\0'), row, ready('I')]))).toBe('42');
    expect(firstValue(ready('I'))).toBeNull();
    expect(() => firstValue(errorResponse('ERROR', '22012', 'division by zero'))).toThrow('division by zero');
  });

  test('a statement is closed by its name', () => {
    expect(latin(closeStatement('s1').subarray(5))).toBe('Ss1\0');
  });
});
