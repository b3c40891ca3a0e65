/**
 * `next`, with every part that equals a part of `before` replaced by that very part. Items of an array are matched by
 * what identifies them (`id`, `slot`, `key`), otherwise by place; Maps by key. Values must be plain data, Maps or Sets.
 */
export function share<T>(before: T, next: T): T {
  return shareAny(before, next) as T;
}

function shareAny(before: unknown, next: unknown): unknown {
  if (Object.is(before, next) || typeof before !== 'object' || typeof next !== 'object') return next;
  if (before === null || next === null) return next;
  if (Array.isArray(next)) return Array.isArray(before) ? shareArray(before, next) : next;
  if (next instanceof Map) return before instanceof Map ? shareMap(before, next) : next;
  if (next instanceof Set) return before instanceof Set && sameSet(before, next) ? before : next;
  if (Object.getPrototypeOf(before) !== Object.getPrototypeOf(next)) return next;
  return shareRecord(before as Record<string, unknown>, next as Record<string, unknown>);
}

function shareArray(before: unknown[], next: unknown[]): unknown[] {
  if (before.length === next.length && next.every((item, index) => Object.is(item, before[index]))) return before;
  const known = new Map<unknown, unknown>();
  for (const item of before) known.set(identity(item) ?? item, item);
  let same = before.length === next.length;
  const items = next.map((item, index) => {
    const key = identity(item);
    const shared = shareAny(key === undefined ? before[index] : known.get(key), item);
    if (!Object.is(shared, before[index])) same = false;
    return shared;
  });
  return same ? before : items;
}

function identity(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return undefined;
  const { id, slot, key } = item as Record<string, unknown>;
  return id ?? slot ?? key;
}

function shareMap(before: Map<unknown, unknown>, next: Map<unknown, unknown>): Map<unknown, unknown> {
  let same = before.size === next.size;
  const entries = new Map<unknown, unknown>();
  for (const [key, value] of next) {
    const shared = shareAny(before.get(key), value);
    if (!before.has(key) || !Object.is(shared, before.get(key))) same = false;
    entries.set(key, shared);
  }
  return same ? before : entries;
}

function sameSet(before: Set<unknown>, next: Set<unknown>): boolean {
  return before.size === next.size && [...next].every((item) => before.has(item));
}

function shareRecord(before: Record<string, unknown>, next: Record<string, unknown>): Record<string, unknown> {
  const keys = Object.keys(next);
  let same = Object.keys(before).length === keys.length;
  const record: Record<string, unknown> = {};
  for (const key of keys) {
    const shared = shareAny(before[key], next[key]);
    if (!Object.hasOwn(before, key) || !Object.is(shared, before[key])) same = false;
    record[key] = shared;
  }
  return same ? before : record;
}
