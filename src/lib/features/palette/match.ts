import { fold } from '../../model/fold.ts';

/** How well a name answers a query; the smaller, the better. */
const GRADE = { exact: 0, begins: 1, wordBegins: 2, contains: 3 } as const;

/**
 * Grades a name against what was typed; null when it does not match. Each word of the query must be somewhere in the
 * name, or in `beside` (such as the board's title); the name itself counts for more. Case and diacritics make no
 * difference.
 */
export function gradeOf(query: string, name: string, beside = ''): number | null {
  const wanted = fold(query).trim();
  const text = fold(name);
  if (wanted === '' || text === wanted) return GRADE.exact;
  if (text.startsWith(wanted)) return GRADE.begins;
  const rest = fold(beside);
  let worst: number = GRADE.exact;
  for (const word of wanted.split(/\s+/)) {
    const grade = gradeOfWord(word, text) ?? (gradeOfWord(word, rest) === null ? null : GRADE.contains);
    if (grade === null) return null;
    worst = Math.max(worst, grade);
  }
  return worst;
}

function gradeOfWord(word: string, text: string): number | null {
  const at = text.indexOf(word);
  if (at === -1) return null;
  return text.split(/[\s._\-/#@]+/).some((part) => part.startsWith(word)) ? GRADE.wordBegins : GRADE.contains;
}

/** The best `limit` of `entries` for a query, best first; those of one grade keep their order. */
export function best<T extends { name: string; where: string }>(
  query: string,
  entries: readonly T[],
  limit: number,
): T[] {
  return entries
    .map((entry) => ({ entry, grade: gradeOf(query, entry.name, entry.where) }))
    .filter(({ grade }) => grade !== null)
    .sort((a, b) => (a.grade ?? 0) - (b.grade ?? 0))
    .slice(0, limit)
    .map(({ entry }) => entry);
}
