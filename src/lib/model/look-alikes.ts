import type { Person } from './board-directory.ts';
import type { UserId } from './ids.ts';

/** Letters of other alphabets, and digits, that are drawn like a Latin letter. */
const DRAWN_ALIKE = new Map(
  Object.entries({
    a: 'аαɑ',
    b: 'ЬвβƄ',
    c: 'сϲ',
    d: 'ԁ',
    e: 'еєε',
    g: 'ɡ',
    h: 'һн',
    i: 'іıι1l|!ӏ',
    j: 'јϳ',
    k: 'кκ',
    m: 'мμ',
    n: 'пηո',
    o: 'оοօ0',
    p: 'рρ',
    q: 'ԛ',
    s: 'ѕ5',
    t: 'тτ',
    u: 'υս',
    v: 'νѵ',
    w: 'ԝω',
    x: 'хχ',
    y: 'уγү',
    z: 'ᴢ',
  }).flatMap(([latin, others]) => [...others].map((other): [string, string] => [other, latin])),
);

/** What is left of a name for the eye: without case, marks, spaces and the difference of alphabets. */
export function drawnName(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}\p{Cc}\p{P}\s]/gu, '')
    .toLowerCase();
  return [...plain].map((letter) => DRAWN_ALIKE.get(letter) ?? letter).join('');
}

const known = new WeakMap<ReadonlyMap<UserId, Person>, ReadonlySet<UserId>>();

/** Those of these people whose names look like another's. Worked out once for each map. */
export function lookAlikes(people: ReadonlyMap<UserId, Person>): ReadonlySet<UserId> {
  const before = known.get(people);
  if (before) return before;
  const byDrawing = new Map<string, UserId>();
  const alike = new Set<UserId>();
  for (const { id, name } of people.values()) {
    const drawing = drawnName(name);
    const other = byDrawing.get(drawing);
    if (other === undefined) byDrawing.set(drawing, id);
    else alike.add(other).add(id);
  }
  known.set(people, alike);
  return alike;
}
