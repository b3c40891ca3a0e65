/** What stands in the round brackets of `[…](…)`. */
export type Target = { href: string; to: number };

/** Brackets in each other that an address may hold. */
const NESTED = 32;
const ESCAPE = /\\([!-/:-@[-`{-~])/g;

/** The address and title after the bracket at `i`, up to its closing one; null when it is no target. */
export function targetAt(source: string, i: number): Target | null {
  if (source[i] !== '(') return null;
  let at = afterSpace(source, i + 1);
  const from = at;
  const pointed = source[at] === '<';
  const end = pointed ? pointedEnd(source, at) : plainEnd(source, at);
  if (end === null) return null;
  const href = (pointed ? source.slice(from + 1, end - 1) : source.slice(from, end)).replace(ESCAPE, '$1');
  at = afterSpace(source, end);
  if (at > end) {
    const title = titleEnd(source, at);
    if (title !== null) at = afterSpace(source, title);
  }
  return source[at] === ')' ? { href, to: at + 1 } : null;
}

function afterSpace(source: string, i: number): number {
  let at = i;
  while (' \t\n'.includes(source[at] ?? 'x')) at++;
  return at;
}

function pointedEnd(source: string, i: number): number | null {
  for (let at = i + 1; at < source.length; at++) {
    const char = source[at];
    if (char === '>') return at + 1;
    if (char === '<' || char === '\n') return null;
    if (char === '\\') at++;
  }
  return null;
}

function plainEnd(source: string, i: number): number | null {
  let open = 0;
  let at = i;
  for (; at < source.length; at++) {
    const char = source.charAt(at);
    if (char <= ' ' || char === '\x7f') break;
    if (char === '\\' && at + 1 < source.length && source.charAt(at + 1) > ' ') at++;
    else if (char === '(' && ++open > NESTED) return null;
    else if (char === ')' && open-- === 0) break;
  }
  return open > 0 ? null : at;
}

const CLOSING: Record<string, string> = { '"': '"', "'": "'", '(': ')' };

function titleEnd(source: string, i: number): number | null {
  const opening = source.charAt(i);
  const closing = CLOSING[opening];
  if (closing === undefined) return null;
  for (let at = i + 1; at < source.length; at++) {
    const char = source[at];
    if (char === closing) return at + 1;
    if (char === '(' && opening === '(') return null;
    if (char === '\\') at++;
  }
  return null;
}
