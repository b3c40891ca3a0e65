/**
 * Readings of values that anyone may have put into a document. Every function here answers for any
 * input and throws for none; own properties only, so that a `__proto__` in a value is never followed.
 */

/** A JSON object with the plain prototype, and nothing else (no class, no array, no null prototype). */
export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

/** An array with the plain prototype and no holes. */
export function isPlainArray(value: unknown): value is unknown[] {
  if (!Array.isArray(value) || Object.getPrototypeOf(value) !== Array.prototype) return false;
  return Object.keys(value).length === value.length;
}

/** The own property, or undefined. */
export function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** True when every own key of the object is among `allowed`. */
export function hasOnly(object: Record<string, unknown>, allowed: readonly string[]): boolean {
  return Reflect.ownKeys(object).every((key) => typeof key === 'string' && allowed.includes(key));
}

/** A whole number from 0 up to 2⁵³ − 1. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

/**
 * Text that every part of the house can hold: at most `limit` UTF-16 units, no NUL (Postgres has no
 * place for it) and no lone surrogate (UTF-8 has none, so replicas would differ).
 */
export function isText(value: unknown, limit: number): value is string {
  return typeof value === 'string' && value.length <= limit && !value.includes('\0') && value.isWellFormed();
}

/** One line of text with something in it: a title or a name. */
export function isTitle(value: unknown, limit: number): value is string {
  return isText(value, limit) && !isBlank(value) && !LINE_BREAK.test(value);
}

/** True for text that shows nothing: white space, control and format characters only. */
export function isBlank(text: string): boolean {
  return BLANK.test(text);
}

const BLANK = /^[\s\p{Cc}\p{Cf}]*$/u;
const LINE_BREAK = /[\n\r\u2028\u2029]/;

/** What a person typed, made storable: without NUL and lone surrogates. */
export function cleanText(typed: string): string {
  return typed.replaceAll('\0', '').toWellFormed();
}

/** What a person typed into a one-line field, made storable: trimmed, breaks become spaces. */
export function cleanTitle(typed: string, limit: number): string {
  return cut(cleanText(typed).replace(/\s+/g, ' ').trim(), limit).trimEnd();
}

/** At most `limit` UTF-16 units of the text, never half a surrogate pair. */
export function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const last = text.charCodeAt(limit - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? limit - 1 : limit);
}

/** Order by UTF-16 units: the same on every device, whatever its language. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The parser, remembering its answers: what it said of a key holds as long as the value is the same object. */
export function remembered<V extends unknown[], T>(parse: (key: string, ...value: V) => T): typeof parse {
  const known = new Map<string, { value: unknown; answer: T }>();
  return (key, ...value) => {
    const old = known.get(key);
    if (old !== undefined && old.value === value[0]) return old.answer;
    const answer = parse(key, ...value);
    known.set(key, { value: value[0], answer });
    return answer;
  };
}
