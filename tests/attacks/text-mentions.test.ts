import { describe, expect } from 'vitest';
import { MESSAGE_TEXT } from '../../src/lib/model/limits.ts';
import type { Person } from '../harness/people.ts';
import { Arena } from './harness.ts';
import { api, expectRefused, made } from './http-requests.ts';

/** Nobody is told of a text that does not mention them, and nobody twice of one that does. */
const arena = new Arena();

const CODE = '`';
const FENCE = '```';

type Notification = { id: number; excerpt: string };

async function say(writer: Person, text: string): Promise<void> {
  const answer = await api(arena, writer, 'POST', `/rooms/${arena.people.home.scratch}/messages`, { text });
  expect(answer.status, answer.text).toBe(201);
}

/** What this person has been told, once an honest mention that comes last is among it. */
async function told(person: Person): Promise<string[]> {
  const last = `the last one ${Math.random()}`;
  await say(arena.people.olga, `@${person.username} ${last}`);
  await expect
    .poll(async () => (await notifications(person)).some(({ excerpt }) => excerpt.includes(last)), { timeout: 30_000 })
    .toBe(true);
  return (await notifications(person)).map(({ excerpt }) => excerpt).filter((excerpt) => !excerpt.includes(last));
}

async function notifications(person: Person): Promise<Notification[]> {
  return (await made<{ items: Notification[] }>(arena, person, 'GET', '/notifications?limit=200')).items;
}

const SILENT: [about: string, text: (name: string, token: string) => string][] = [
  ['in code', (name) => `${CODE}@${name}${CODE}`],
  ['in code, as a token', (_, token) => `${CODE}${token}${CODE}`],
  ['in a fence', (name, token) => `${FENCE}\n@${name} ${token}\n${FENCE}`],
  ['in a fence that never ends', (name, token) => `~~~js\n@${name}\n${token}`],
  ['in a fence in a quote in a list', (name, token) => `- > ${FENCE}\n  > @${name} ${token}\n  > ${FENCE}`],
  ['in code over two lines', (_, token) => `${CODE}a\n${token} b${CODE}`],
  ['in the words of a link', (name, token) => `[@${name} ${token}](https://x.org)`],
  ['in the target of a link', (name, token) => `[a](https://x.org/@${name}) [b](${token})`],
  ['in the title of a link', (name, token) => `[a](https://x.org "@${name} ${token}")`],
  ['in an address', (name) => `https://x.org/@${name} www.x.org/(@${name}) <https://x.org/(@${name}>`],
  ['in an address of mail', (name) => `olga@${name} ${name}@x.org mailto:@${name} <olga@${name}.org>`],
  ['in a path', (name) => `src/@${name}/index.ts ../@${name}`],
  ['after a stroke', (name, token) => `\\@${name} \\${token}`],
  ['in letters that look like theirs', (name) => `@${name.replace('e', 'е')} @${name}\u0301`],
  ['as the beginning of a longer name', (name) => `@${name}x @${name}-x @${name}_x @${name}.x`],
  ['in broken tokens', (_, token) => `${token.slice(0, -1)} ${token.replace('@', '@ ')} ${token.toUpperCase()}`],
  ['in entities', (name) => `&#64;${name} &lt;@${name.slice(1)}&gt; &commat;${name}`],
  ['as the target of nothing', (_, token) => `[a]: ${token.slice(1)}\n\n[a][a]`],
];

describe('nobody is told', () => {
  for (const [about, text] of SILENT) {
    arena.attack(`of a mention ${about}`, async ({ people }) => {
      const person = await arena.newcomer();
      await say(people.mia, text(person.username, `<@${person.id}>`));
      expect(await told(person)).toEqual([]);
    });
  }

  arena.attack('who is no member, whatever token is written', async ({ people }) => {
    const before = (await notifications(people.otto)).length;
    await say(people.mia, `<@${people.otto.id}> @otto @otto`);
    const member = await arena.newcomer();
    expect(await told(member)).toEqual([]);
    expect(await notifications(people.otto)).toHaveLength(before);
  });
});

const TELLING: [about: string, text: (name: string, token: string) => string][] = [
  ['beside code and links that hold none', (name) => `${CODE}a${CODE} [b](https://x.org) @${name}`],
  ['in marks', (name) => `**@${name}** ~~@${name}~~`],
  ['in a quote, a list and a heading', (name) => `> - @${name}\n\n# @${name}`],
  ['after ticks that close nothing', (name) => `${CODE}a @${name}`],
  ['between ticks of two items', (name) => `- a ${CODE}\n- @${name} ${CODE} b`],
  ['after a bracket that opens nothing', (name) => `[a] (@${name})`],
  ['with a full-width sign', (name) => `＠${name}`],
  ['as a token, by hand', (_, token) => `${token}${token}`],
  ['in Zalgo and overrides', (name) => `Z\u0300\u0315\u0346 \u202e\u2066 @${name}`],
  ['a hundred times', (name) => `@${name} `.repeat(100)],
];

describe('one is told once', () => {
  for (const [about, text] of TELLING) {
    arena.attack(`of a mention ${about}`, async ({ people }) => {
      const person = await arena.newcomer();
      await say(people.mia, text(person.username, `<@${person.id}>`));
      expect(await told(person)).toHaveLength(1);
    });
  }

  arena.attack('of 340 mentions that just fit', async ({ people }) => {
    const person = await arena.newcomer();
    await say(people.mia, `<@${person.id}>`.repeat(Math.floor(MESSAGE_TEXT / (person.id.length + 3))));
    expect(await told(person)).toHaveLength(1);
  });

  arena.attack('1,000 mentions are longer than a message: refused in words, and nobody is told', async ({ people }) => {
    const person = await arena.newcomer();
    const text = `@${person.username} `.repeat(1_000);
    const answer = await api(arena, people.mia, 'POST', `/rooms/${people.home.scratch}/messages`, { text });
    expectRefused(answer, 400, 'invalid');
    expect(await told(person)).toEqual([]);
  });

  arena.attack('`@__proto__` and its like are names of nobody', async ({ people }) => {
    const text = '@__proto__ @constructor @toString @hasOwnProperty @valueOf <@__proto__> <@!__proto__>';
    const { id } = await made(arena, people.mia, 'POST', `/rooms/${people.home.scratch}/messages`, { text });
    const message = await made<{ text: string }>(arena, people.carl, 'GET', `/messages/${id}`);
    expect(message.text).toBe(text);
  });
});
