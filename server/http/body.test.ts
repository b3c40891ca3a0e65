import { describe, expect, it } from 'vitest';
import { parseJsonObject } from './body.ts';

const parse = (text: string) => parseJsonObject(Buffer.from(text));

describe('[H6] a JSON body', () => {
  it('is an object', () => {
    expect(parse('{"a":[1,{"b":"ü"}]}')).toEqual({ a: [1, { b: 'ü' }] });
  });

  it.each(['', 'x', '{', '[]', '"a"', 'null', '1', '{"a":1}}', '\uFEFF{'])('is not %j', (text) => {
    expect(() => parse(text)).toThrow(/JSON/);
  });

  it('is never walked deep', () => {
    expect(() => parse('['.repeat(100_000) + ']'.repeat(100_000))).toThrow('nested deeper');
    expect(() => parse('{"a":'.repeat(100_000))).toThrow('nested deeper');
    expect(parse(`{"a":"${'['.repeat(1000)}\\"${'{'.repeat(1000)}"}`)).toBeTruthy();
  });

  it('is never walked wide', () => {
    expect(() => parse(`{"a":[${'1,'.repeat(10_001)}1]}`)).toThrow('more than 10000 values');
    expect(() => parse(`{${'"a":1,'.repeat(10_001)}"a":1}`)).toThrow('more than 10000 values');
    expect(parse(`{"a":"${','.repeat(20_000)}"}`)).toBeTruthy();
  });

  it.each(['{"a":"\\u0000"}', '{"a":["\\ud800"]}', '{"\\udc00":1}', '{"a":{"b":"x\\ud83dx"}}'])(
    'holds no unfit text: %s',
    (text) => {
      expect(() => parse(text)).toThrow('NUL');
    },
  );

  it('is UTF-8', () => {
    expect(() => parseJsonObject(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]))).toThrow('UTF-8');
  });

  it('keeps __proto__ an ordinary key', () => {
    const body = parse('{"__proto__":{"admin":true}}');
    expect(Object.getPrototypeOf(body)).toBe(Object.prototype);
    expect(Object.keys(body)).toEqual(['__proto__']);
  });
});
