import { describe, expect, test } from 'vitest';
import type { Person } from './board.ts';
import { id } from './testing.ts';
import { unknownNames } from './unknown-names.ts';

const person = (username: string): Person => ({
  id: id(username.replace('.', '')),
  username,
  name: username,
  role: 'member',
});
const PEOPLE = [person('anna'), person('anna.jr'), person('bob')];

/** What is typed, and who in it is nobody here. */
const CORPUS: [typed: string, unknown: string[]][] = [
  ['ask @carla about it', ['carla']],
  ['@carla', ['carla']],
  ['@Carla, @DAN!', ['carla', 'dan']],
  ['@carla. @carla? (@carla)', ['carla']],
  ['@carla...', ['carla']],
  ['@carla_ @dan-', ['carla', 'dan']],
  ['@carla.smith', ['carla.smith']],
  ['＠carla', ['carla']],
  ['**@carla** ~~@dan~~', ['carla', 'dan']],
  ['> @carla\n\n- @dan\n\n# @eve', ['carla', 'dan', 'eve']],
  ['"@carla" [@dan]', ['carla', 'dan']],
  ['@annabel', ['annabel']],
  ['@anna-lee', ['anna-lee']],
  ['@anna @bob @anna.jr @ANNA', []],
  ['@anna. @bob, @anna...', []],
  ['@room @here @board @Room', []],
  ['@roommate', ['roommate']],
  ['carla@example.org', []],
  ['write to mailto:carla@example.org', []],
  ['https://example.org/@carla', []],
  ['src/@carla/index.ts ../@carla', []],
  ['`@carla` and ``@dan``', []],
  ['```\n@carla\n```', []],
  ['[@carla](https://example.org)', []],
  ['<carla@example.org>', []],
  ['@ carla', []],
  ['@', []],
  ['@c', []],
  ['@@carla', []],
  ['@carla@example.org', []],
  ['2@carla a.@carla', []],
  ['\\@carla', []],
  [`@${'x'.repeat(32)}`, ['x'.repeat(32)]],
  [`@${'x'.repeat(33)}`, []],
  ['@carlaé @карла', []],
  ['nothing at all', []],
  ['', []],
];

describe('names of nobody here', () => {
  test.each(CORPUS)('[A8] %j', (typed, unknown) => {
    expect(unknownNames(typed, PEOPLE, false)).toEqual(unknown);
  });

  test('[A8] a name that is still being typed is not judged', () => {
    expect(unknownNames('ask @car', PEOPLE, true)).toEqual([]);
    expect(unknownNames('ask @carla ', PEOPLE, true)).toEqual(['carla']);
    expect(unknownNames('ask @carla, @da', PEOPLE, true)).toEqual(['carla']);
  });

  test('[A8] any text of a message’s length is read in bounded time', () => {
    for (const piece of ['@a', '@carla ', '@@', '@a.b-c_', '(@', '＠x']) {
      const typed = piece.repeat(8_000 / piece.length);
      const from = process.cpuUsage();
      unknownNames(typed, PEOPLE, false);
      const { user, system } = process.cpuUsage(from);
      expect((user + system) / 1_000).toBeLessThan(500);
    }
  });
});
