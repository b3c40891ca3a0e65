import { describe, expect, test } from 'vitest';
import type { Person } from './board.ts';
import { excerptOf } from './excerpt.ts';
import { decodeMentions, encodeMentions, mentionsIn, segments } from './mentions.ts';
import { id, pick, seeded } from './testing.ts';

const person = (username: string, name = username, uid = id(username.replace(/[^a-z0-9]/g, ''))): Person => ({
  id: uid,
  username,
  name,
  role: 'member',
});
const anna = person('anna', 'Anna Ärger');
const bob = person('bob', 'בוב');
const annaLee = person('anna-lee', 'Anna Lee');
const jr = person('anna.jr', 'Anna Junior');
const odd = person('j_d', 'J D');
const long = person('alexanderthegreat', 'Alexander', id('alexid'));
const max = person('x'.repeat(32), 'Max', id('maxid'));
const PEOPLE = [anna, bob, annaLee, jr, odd, long, max];
const BY_ID = new Map(PEOPLE.map((one) => [one.id, one]));

const T = {
  anna: `<@${anna.id}>`,
  bob: `<@${bob.id}>`,
  lee: `<@${annaLee.id}>`,
  jr: `<@${jr.id}>`,
  odd: `<@${odd.id}>`,
  alex: `<@${long.id}>`,
  max: `<@${max.id}>`,
};

/** What people type, what is stored of it, and the rule that says so. */
const CORPUS: [rule: string, typed: string, stored: string][] = [
  // Where a mention begins.
  ['M1', '@anna', T.anna],
  ['M1', '@anna hi', `${T.anna} hi`],
  ['M1', 'hi @anna', `hi ${T.anna}`],
  ['M1', 'hi\n@anna', `hi\n${T.anna}`],
  ['M1', 'hi\t@anna', `hi\t${T.anna}`],
  ['M1', 'hi\u00a0@anna', `hi\u00a0${T.anna}`],
  ['M1', 'hi\u3000@anna', `hi\u3000${T.anna}`],
  ['M1', '"@anna"', `"${T.anna}"`],
  ['M1', "'@anna'", `'${T.anna}'`],
  ['M1', '(@anna)', `(${T.anna})`],
  ['M1', '[@anna]', `[${T.anna}]`],
  ['M1', '{@anna}', `{${T.anna}}`],
  ['M1', '<@anna>', `<${T.anna}>`],
  ['M1', '“@anna”', `“${T.anna}”`],
  ['M1', '„@anna“', `„${T.anna}“`],
  ['M1', '«@anna»', `«${T.anna}»`],
  ['M1', '»@anna«', `»${T.anna}«`],
  ['M1', '「@anna」', `「${T.anna}」`],
  ['M1', '（@anna）', `（${T.anna}）`],
  ['M1', '＠anna', T.anna],
  ['M1', 'hi ＠anna!', `hi ${T.anna}!`],
  ['M1', '**@anna**', `**${T.anna}**`],
  ['M1', 'so *@anna* says', `so *${T.anna}* says`],
  ['M1', '~~@anna~~', `~~${T.anna}~~`],
  ['M1', '\u200f@anna', `\u200f${T.anna}`],
  ['M1', 'שלום \u2068@bob\u2069 מה', `שלום \u2068${T.bob}\u2069 מה`],
  ['M1', 'مرحبا @bob، كيف', `مرحبا ${T.bob}، كيف`],
  ['M1', '- @anna\n- @bob', `- ${T.anna}\n- ${T.bob}`],
  ['M1', '> @anna', `> ${T.anna}`],
  // Where none begins.
  ['M1', 'mail@anna', 'mail@anna'],
  ['M1', 'anna@bob.org', 'anna@bob.org'],
  ['M1', 'x.y@anna', 'x.y@anna'],
  ['M1', '.@anna', '.@anna'],
  ['M1', '_@anna_', '_@anna_'],
  ['M1', '/@anna', '/@anna'],
  ['M1', 'src/@anna/index.ts', 'src/@anna/index.ts'],
  ['M1', '2@anna', '2@anna'],
  ['M1', '2*@anna', '2*@anna'],
  ['M1', '@@anna', '@@anna'],
  ['M1', 'cc:@anna', 'cc:@anna'],
  ['M1', '-@anna', '-@anna'],
  ['M1', 'é@anna', 'é@anna'],
  ['M1', '你好@anna', '你好@anna'],
  ['M1', '👋@anna', '👋@anna'],
  ['M1', '\\@anna', '\\@anna'],
  ['M1', '@ anna', '@ anna'],
  ['M1', '@', '@'],
  // Which name it is.
  ['M2', '@Anna and @ANNA', `${T.anna} and ${T.anna}`],
  ['M2', '@anna.', `${T.anna}.`],
  ['M2', '@anna,', `${T.anna},`],
  ['M2', '@anna: hi', `${T.anna}: hi`],
  ['M2', '@anna?!', `${T.anna}?!`],
  ['M2', '@anna-', `${T.anna}-`],
  ['M2', '@anna_', `${T.anna}_`],
  ['M2', '@anna...', `${T.anna}...`],
  ['M2', '@anna...what', `${T.anna}...what`],
  ['M2', '@anna--well', `${T.anna}--well`],
  ['M2', 'thanks @anna.\nBye', `thanks ${T.anna}.\nBye`],
  ['M2', "@anna's turn", `${T.anna}'s turn`],
  ['M2', '@anna/@bob', `${T.anna}/@bob`],
  ['M2', '@anna,@bob', `${T.anna},@bob`],
  ['M2', '@anna @bob', `${T.anna} ${T.bob}`],
  ['M2', '@anna-lee', T.lee],
  ['M2', '@anna-lee-', `${T.lee}-`],
  ['M2', '@anna.jr.', `${T.jr}.`],
  ['M2', '@anna.jr', T.jr],
  ['M2', '@j_d', T.odd],
  ['M2', '@anna你好', `${T.anna}你好`],
  ['M2', '@annaさん', `${T.anna}さん`],
  ['M2', `@${'x'.repeat(32)}`, T.max],
  ['M2', `<@alexanderthegreat>`, `<${T.alex}>`],
  // What is nobody's name.
  ['M6', '@annabel', '@annabel'],
  ['M6', '@anna2', '@anna2'],
  ['M6', '@anna.bel', '@anna.bel'],
  ['M6', '@anna-maria', '@anna-maria'],
  ['M6', '@annaé', '@annaé'],
  ['M6', '@anna\u0301', '@anna\u0301'],
  ['M6', '@anna@example.org', '@anna@example.org'],
  ['M6', '@ann', '@ann'],
  ['M6', '@nobody', '@nobody'],
  ['M6', '@a', '@a'],
  ['M6', `@${'x'.repeat(33)}`, `@${'x'.repeat(33)}`],
  ['M6', '@__proto__', '@__proto__'],
  ['M6', '@constructor @toString', '@constructor @toString'],
  ['M6', '@Ärger', '@Ärger'],
  ['M6', '@בוב', '@בוב'],
  ['M6', '@all @everyone @channel', '@all @everyone @channel'],
  ['M6', '@types/node', '@types/node'],
  // Everybody.
  ['M5', '@room', '<@!room>'],
  ['M5', '@here, @board.', '<@!here>, <@!board>.'],
  ['M5', '@Room', '<@!room>'],
  ['M5', '@rooms @hereby @boarding', '@rooms @hereby @boarding'],
  ['M5', 'my@room', 'my@room'],
  // Code.
  ['M3', '`@anna`', '`@anna`'],
  ['M3', '``@anna ` @bob``', '``@anna ` @bob``'],
  ['M3', '`@anna` @bob', `\`@anna\` ${T.bob}`],
  ['M3', '`@anna', `\`@anna`],
  ['M3', 'a ` b @anna', `a \` b ${T.anna}`],
  ['M3', '`a\n@anna`', '`a\n@anna`'],
  ['M3', '`a\n\n @anna`', `\`a\n\n ${T.anna}\``],
  ['M3', '\\`@anna `', '\\`@anna `'],
  ['M3', '\\` @anna `', `\\\` ${T.anna} \``],
  ['M3', '```\n@anna\n```\n@bob', `\`\`\`\n@anna\n\`\`\`\n${T.bob}`],
  ['M3', '```ts\n@anna', '```ts\n@anna'],
  ['M3', '~~~\n@anna\n```\n@anna\n~~~\n@bob', `~~~\n@anna\n\`\`\`\n@anna\n~~~\n${T.bob}`],
  ['M3', '````\n@anna\n```\n@anna\n````', '````\n@anna\n```\n@anna\n````'],
  ['M3', '> ```\n> @anna\n> ```\n> @bob', `> \`\`\`\n> @anna\n> \`\`\`\n> ${T.bob}`],
  ['M3', '> ```\n> @anna\n@bob', `> \`\`\`\n> @anna\n${T.bob}`],
  ['M3', '- ```\n  @anna\n  ```\n- @bob', `- \`\`\`\n  @anna\n  \`\`\`\n- ${T.bob}`],
  ['M3', '```@anna``` @bob', `\`\`\`@anna\`\`\` ${T.bob}`],
  ['M3', 'text\n```\n@anna\n```', 'text\n```\n@anna\n```'],
  ['M3', '    @anna', `    ${T.anna}`],
  // Links.
  ['M4', '[@anna](https://x.org)', '[@anna](https://x.org)'],
  ['M4', '![ @anna](a.png)', '![ @anna](a.png)'],
  ['M4', '[x](@anna)', '[x](@anna)'],
  ['M4', '[x]( @anna )', '[x]( @anna )'],
  ['M4', '[x](<a @anna>)', '[x](<a @anna>)'],
  ['M4', '[x](u "@anna")', '[x](u "@anna")'],
  ['M4', '[x](u(@anna))', '[x](u(@anna))'],
  ['M4', '[a [b] @anna](u) @bob', `[a [b] @anna](u) ${T.bob}`],
  ['M4', '[@anna] (u)', `[${T.anna}] (u)`],
  ['M4', 'https://x.org/@anna', 'https://x.org/@anna'],
  ['M4', 'https://x.org/?to=(@anna)', 'https://x.org/?to=(@anna)'],
  ['M4', 'https://x.org/"@anna', 'https://x.org/"@anna'],
  ['M4', '(https://x.org) @anna', `(https://x.org) ${T.anna}`],
  ['M4', 'www.x.org/(@anna', 'www.x.org/(@anna'],
  ['M4', '<https://x.org/(@anna>', '<https://x.org/(@anna>'],
  ['M4', '<mailto:@anna>', '<mailto:@anna>'],
  ['M4', 'mailto:(@anna', 'mailto:(@anna'],
  ['M4', 'see https://x.org, @anna', `see https://x.org, ${T.anna}`],
  ['M4', 'HTTPS://X.ORG/(@anna', 'HTTPS://X.ORG/(@anna'],
  ['M4', 'http:// @anna', `http:// ${T.anna}`],
  // What is stored already.
  ['M7', T.anna, T.anna],
  ['M7', `<@${id('stranger')}>`, `<@${id('stranger')}>`],
  ['M7', `x${T.anna}y <@!here>`, `x${T.anna}y <@!here>`],
  ['M7', '<@short> <@!all> <@ANNA0000000000000000>', '<@short> <@!all> <@ANNA0000000000000000>'],
];

describe('mentions as typed', () => {
  test(`the corpus is large (${CORPUS.length})`, () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(60);
  });

  test.each(CORPUS)('[%s] %j', (_rule, typed, stored) => {
    expect(encodeMentions(typed, PEOPLE)).toBe(stored);
  });

  test.each(CORPUS)('[M8] [%s] %j is stored the same after it was edited', (_rule, _typed, stored) => {
    const edited = decodeMentions(stored, BY_ID);
    expect(encodeMentions(edited, PEOPLE)).toBe(stored);
  });

  test('[M2] `@anna.` is whoever is called so', () => {
    const dotted = person('anna.', 'Dotty', id('dotty'));
    expect(encodeMentions('@anna. @anna.. @anna', [anna, dotted])).toBe(`<@${dotted.id}> <@${dotted.id}>. ${T.anna}`);
  });

  test('[M5] everybody wins over a member called so', () => {
    expect(encodeMentions('@room', [person('room')])).toBe('<@!room>');
  });
});

describe('mentions as stored', () => {
  test('[M7] people and groups, each once', () => {
    expect(mentionsIn(`${T.anna} ${T.bob} ${T.anna} <@!room>`)).toEqual({
      users: new Set([anna.id, bob.id]),
      groups: new Set(['room']),
    });
    expect(mentionsIn('hello')).toEqual({ users: new Set(), groups: new Set() });
  });

  test.each([
    `\`${T.anna}\``,
    `\`\`\`\n${T.anna}\n\`\`\``,
    `[${T.anna}](https://x.org)`,
    `[x](${T.anna})`,
    `<https:${T.anna.slice(1)}`,
    '<@anna>',
    '<@!everyone>',
    '<@ANNA0000000000000000>',
    `< @${anna.id}>`,
    `<@${anna.id}`,
    `<@${'a'.repeat(15)}>`,
    `<@${'a'.repeat(25)}>`,
    '<@__proto__>',
  ])('[M3][M4][M7] none in %j', (stored) => {
    expect(mentionsIn(stored)).toEqual({ users: new Set(), groups: new Set() });
  });

  test('[M12] in pieces', () => {
    expect(segments(`hi ${T.anna}, \`${T.bob}\`\n\`\`\`ts\nx\n\`\`\`\n[a](b) <@!here>`)).toEqual([
      { kind: 'text', raw: 'hi ', text: 'hi ' },
      { kind: 'user', raw: T.anna, id: anna.id },
      { kind: 'text', raw: ', ', text: ', ' },
      { kind: 'code', raw: `\`${T.bob}\``, text: T.bob, block: false, language: '' },
      { kind: 'text', raw: '\n', text: '\n' },
      { kind: 'code', raw: '```ts\nx\n```\n', text: 'x', block: true, language: 'ts' },
      { kind: 'link', raw: '[a](b)', text: 'a', href: 'b' },
      { kind: 'text', raw: ' ', text: ' ' },
      { kind: 'group', raw: '<@!here>', group: 'here' },
    ]);
  });

  test('[M11] an excerpt is one line with names', () => {
    expect(excerptOf(`hi ${T.anna}\n\nsee \`x\` and <@!room>, <@${id('gone')}>`, BY_ID)).toBe(
      'hi @anna see x and @room, @unknown',
    );
    expect(excerptOf('x'.repeat(500), BY_ID)).toBe(`${'x'.repeat(139)}…`);
    expect(excerptOf(`${'x'.repeat(138)}👋👋`, BY_ID)).toBe(`${'x'.repeat(138)}…`);
    expect(excerptOf('  ', BY_ID)).toBe('');
  });

  test.each([
    ['**bold** _and_ ~~gone~~ `code`', 'bold and gone code'],
    ['# Title\n\n- one\n- [two](https://example.org/x)\n\n> said **so**', 'Title one two said so'],
    ['```ts\nlet a = 1;\n```\nafter', 'let a = 1; after'],
    ['2 * 3 * 4 and snake_case_name', '2 * 3 * 4 and snake_case_name'],
    ['\\*not bold\\* `**code**`', '*not bold* **code**'],
  ])('[M11] the words without their marks: %s', (stored, words) => {
    expect(excerptOf(stored, BY_ID)).toBe(words);
  });
});

describe('mentions as edited', () => {
  test.each([
    [`hi ${T.anna}!`, 'hi @anna!'],
    [`<@!room> ${T.lee}`, '@room @anna-lee'],
    [`<@${id('gone')}>`, `<@${id('gone')}>`],
    [`x${T.anna}`, `x${T.anna}`],
    [`${T.anna}x`, `${T.anna}x`],
    [`${T.anna}-lee`, `${T.anna}-lee`],
    [`${T.anna}.jr`, `${T.anna}.jr`],
    [`${T.anna}${T.bob}`, `@anna${T.bob}`],
    [`https://x.org/(${T.anna}`, `https://x.org/(${T.anna}`],
    [`\`${T.anna}\` ${T.bob}`, `\`${T.anna}\` @bob`],
    [`${T.anna} x${T.bob} ${T.lee}`, `@anna x${T.bob} @anna-lee`],
  ])('[M8] %j is %j', (stored, edited) => {
    expect(decodeMentions(stored, BY_ID)).toBe(edited);
    expect(encodeMentions(edited, PEOPLE)).toBe(stored);
  });

  test('[M7] a rename changes the name, not the mention', () => {
    const renamed = new Map([[anna.id, { ...anna, username: 'annika' }]]);
    expect(decodeMentions(T.anna, renamed)).toBe('@annika');
    expect(encodeMentions('@annika', [...renamed.values()])).toBe(T.anna);
  });

  const PIECES = [
    ...Object.values(T),
    '<@!here>',
    `<@${id('gone')}>`,
    '@anna',
    '@annabel',
    '＠bob',
    '@',
    '<',
    '>',
    '`',
    '``',
    '```',
    '~~~',
    '\n',
    '\n\n',
    ' ',
    '  ',
    '[',
    '](',
    ')',
    '(',
    '.',
    '-',
    '_',
    '*',
    '\\',
    'https://x.org/',
    'www.',
    'word',
    '"',
    '> ',
    '- ',
    'é',
    '你',
    '\u200f',
    ']',
    '<mailto:',
  ];
  const random = seeded(20);
  const anyText = () => Array.from({ length: 1 + Math.floor(random() * 14) }, () => pick(random, PIECES)).join('');

  test('[M8] 20,000 odd texts: what was stored is stored again, whatever stands beside it', () => {
    for (let i = 0; i < 20_000; i++) {
      const stored = encodeMentions(anyText(), PEOPLE);
      const again = encodeMentions(decodeMentions(stored, BY_ID), PEOPLE);
      expect(again).toBe(stored);
      expect(encodeMentions(stored, PEOPLE)).toBe(stored);
    }
  });

  test('[M6][M12] 20,000 odd texts: pieces joined are the text, and encoding changes nothing but mentions', () => {
    for (let i = 0; i < 20_000; i++) {
      const text = anyText();
      const pieces = segments(text);
      expect(pieces.map(({ raw }) => raw).join('')).toBe(text);
      expect(pieces.every(({ raw }) => raw !== '')).toBe(true);
      const stored = encodeMentions(text, PEOPLE);
      const plain = (some: string) => some.replace(/<@(?:![a-z]+|[0-9a-z]{16,})>|[@＠](?:anna|bob)/g, '·');
      expect(plain(stored)).toBe(plain(text));
    }
  });
});

describe('cost', () => {
  const of = (piece: string) => piece.repeat(Math.ceil(8_000 / piece.length)).slice(0, 8_000);
  test.each([
    '`a',
    '`a` ',
    '[',
    '[a',
    '[a](',
    '[a](b "',
    '[x](        "',
    '> ',
    '1. ',
    '```\n',
    '\n>',
    'http://.',
    'www.. ',
    '<http:',
    '@',
    '**@',
    '@anna ',
    `<@${id('anna')}>`,
    `<@${id('anna')}> `,
    `www.x.org/(<@${id('anna')}> `,
    '\\',
    '*',
    '(a)',
    '[a](<',
    '\n> > > > >',
    '1',
    '`\n\n',
    '~',
    '_.-',
  ])('[M13] 8,000 characters of %j', (piece) => {
    const text = of(piece);
    const started = performance.now();
    for (const tail of ['', 'x', '`', '@anna', ')']) {
      segments(text + tail);
      decodeMentions(encodeMentions(text + tail, PEOPLE), BY_ID);
    }
    // A few milliseconds; what grows with the square takes seconds.
    expect(performance.now() - started).toBeLessThan(3_000);
  });

  test('[M8][M13] hundreds of mentions, and one whose name would become part of an address', () => {
    const stored = `https://x.org/(${T.anna} ${`${T.bob} (${T.lee}) `.repeat(150)}`;
    const before = process.threadCpuUsage();
    const edited = decodeMentions(stored, BY_ID);
    const { user, system } = process.threadCpuUsage(before);
    expect(edited).toBe(`https://x.org/(${T.anna} ${`@bob (${T.lee}) `.repeat(150)}`);
    expect(encodeMentions(edited, PEOPLE)).toBe(stored);
    // Three readings; one for each mention took hundreds of milliseconds.
    expect((user + system) / 1_000).toBeLessThan(100);
  });

  test('[M13] ticks of every length, none closed', () => {
    const text = Array.from({ length: 125 }, (_, i) => '`'.repeat(i + 1)).join('a');
    const started = performance.now();
    segments(text);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
