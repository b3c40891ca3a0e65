import { describe, expect, test } from 'vitest';
import { MESSAGE_TEXT } from './limits.ts';
import { readMarkdown, type Block, type Inline } from './markdown.ts';
import { mentionsIn } from './mentions.ts';
import { id } from './testing.ts';

const anna = `<@${id('anna')}>`;

/** A short form to compare: paragraphs bare, everything else in brackets with a letter. */
function shown(blocks: readonly Block[]): string {
  return blocks.map(shownBlock).join(' | ');
}

function shownBlock(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return line(block.inlines);
    case 'heading':
      return `H(${line(block.inlines)})`;
    case 'code':
      return `CODE${block.language && ` ${block.language}`}(${block.text})`;
    case 'quote':
      return `Q(${shown(block.blocks)})`;
    case 'list':
      return `${block.first === null ? 'UL' : `OL${block.first}`}(${block.items.map(shown).join(' ; ')})`;
  }
}

const SIGNS = { strong: 'b', emphasis: 'i', strike: 's' };

function line(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      switch (inline.kind) {
        case 'text':
          return inline.text;
        case 'code':
          return `c(${inline.text})`;
        case 'user':
          return '@anna';
        case 'group':
          return `@${inline.group}`;
        case 'link':
          return `a(${line(inline.inlines)} -> ${inline.href})`;
        default:
          return `${SIGNS[inline.kind]}(${line(inline.inlines)})`;
      }
    })
    .join('');
}

/** What people write, and what they see. */
const CORPUS: [rule: string, source: string, seen: string][] = [
  // Marks.
  ['F4', 'plain words', 'plain words'],
  ['F4', '**bold**', 'b(bold)'],
  ['F4', '__bold__', 'b(bold)'],
  ['F4', '*soft*', 'i(soft)'],
  ['F4', '_soft_', 'i(soft)'],
  ['F4', '~~gone~~', 's(gone)'],
  ['F4', '***both***', 'i(b(both))'],
  ['F4', '**bold *and soft* too**', 'b(bold i(and soft) too)'],
  ['F4', '~~**a** _b_~~', 's(b(a) i(b))'],
  ['F4', 'half*way*through', 'halfi(way)through'],
  ['F4', 'snake_case_name', 'snake_case_name'],
  ['F4', '2 * 3 * 4', '2 * 3 * 4'],
  ['F4', '* not closed', 'UL(not closed)'],
  ['F4', '*not closed', '*not closed'],
  ['F4', '**not closed*', '*i(not closed)'],
  ['F4', '*a **b* c**', 'i(a i(i(b) c))'],
  ['F4', '~one~', '~one~'],
  ['F4', 'so ~~~a~~', 'so ~s(a)'],
  ['F4', '** not bold **', '** not bold **'],
  ['F4', '**a\nb**', 'b(a\nb)'],
  ['F4', '**a\n\nb**', '**a | b**'],
  ['F4', '*a**b*', 'i(a**b)'],
  ['F4', '“**quoted**”', '“b(quoted)”'],
  ['F4', '**你好**吗', 'b(你好)吗'],
  ['F4', `**${anna}**`, 'b(@anna)'],
  ['F4', `~~${anna}~~ done`, 's(@anna) done'],
  // Escapes.
  ['F4', '\\*not soft\\*', '*not soft*'],
  ['F4', '\\`not code\\`', '`not code`'],
  ['F4', '\\[not](a link)', '[not](a link)'],
  ['F4', 'C:\\new\\folder', 'C:\\new\\folder'],
  ['F4', '\\\\', '\\'],
  ['F4', 'a\\\nb', 'a\\\nb'],
  ['F4', `\\${anna}`, anna],
  ['F4', '\\# no heading', '# no heading'],
  ['F4', '\\> no quote', '> no quote'],
  ['F4', '1\\. no list', '1. no list'],
  // Code.
  ['F4', '`a *b* c`', 'c(a *b* c)'],
  ['F4', '`` a ` b ``', 'c(a ` b)'],
  ['F4', '` `', 'c( )'],
  ['F4', '`a', '`a'],
  ['F4', '`a``', '`a``'],
  ['F4', '*a `b* c`', '*a c(b* c)'],
  ['F4', '`a\nb`', 'c(a b)'],
  ['F4', '`a\n\nb`', '`a | b`'],
  ['F4', '- a `b\n- c` d', 'UL(a `b ; c` d)'],
  ['F4', '# a `b\nc` d', 'H(a `b) | c` d'],
  ['F4', `\`${anna}\``, `c(${anna})`],
  ['F4', '`<b>`', 'c(<b>)'],
  // Links.
  ['F4', '[TaskFlow](https://x.org)', 'a(TaskFlow -> https://x.org)'],
  ['F4', '[a](https://x.org "title")', 'a(a -> https://x.org)'],
  ['F4', '[a](<https://x.org/a b>)', 'a(a -> https://x.org/a b)'],
  ['F4', '[a](https://x.org/(b))', 'a(a -> https://x.org/(b))'],
  ['F4', '[a](https://x.org/\\))', 'a(a -> https://x.org/))'],
  ['F4', '[**a** `b`](u)', 'a(b(a) c(b) -> u)'],
  ['F4', '[a [b] c](u)', 'a(a [b] c -> u)'],
  ['F4', '[a](u)[b](v)', 'a(a -> u)a(b -> v)'],
  ['F4', '[a [b](u) c](v)', '[a a(b -> u) c](v)'],
  ['F4', '[a] (u)', '[a] (u)'],
  ['F4', '[a](u v)', '[a](u v)'],
  ['F4', '[a](u', '[a](u'],
  ['F4', '[](u)', 'a( -> u)'],
  ['F4', '[a]()', 'a(a -> )'],
  ['F4', '*[a*](u)', '*a(a* -> u)'],
  ['F4', '[a `](u)`', '[a c(](u))'],
  ['F4', '![picture](u)', '!a(picture -> u)'],
  ['F4', '[a][b]\n\n[b]: https://x.org', '[a][b] | [b]: a(https://x.org -> https://x.org)'],
  ['F4', 'see https://x.org/a?b=c#d.', 'see a(https://x.org/a?b=c#d -> https://x.org/a?b=c#d).'],
  ['F4', '(https://x.org/(a))', '(a(https://x.org/(a) -> https://x.org/(a)))'],
  ['F4', '**https://x.org**', 'b(a(https://x.org -> https://x.org))'],
  ['F4', 'www.x.org', 'a(www.x.org -> https://www.x.org)'],
  ['F4', 'awww.x.org', 'awww.x.org'],
  ['F4', 'https://x.org/snake_case_name', 'a(https://x.org/snake_case_name -> https://x.org/snake_case_name)'],
  ['F4', '[https://a.org](https://b.org)', 'a(https://a.org -> https://b.org)'],
  ['F4', '见https://x.org/路。再见', '见a(https://x.org/路 -> https://x.org/路)。再见'],
  ['F4', 'https://x.org/\u202egnp.exe', 'a(https://x.org/ -> https://x.org/)\u202egnp.exe'],
  ['F4', '<https://x.org>', 'a(https://x.org -> https://x.org)'],
  ['F4', '<olga@x.org>', 'a(olga@x.org -> mailto:olga@x.org)'],
  ['F4', '<https://x.org a>', '<a(https://x.org -> https://x.org) a>'],
  ['F4', `[${anna}](u)`, `a(${anna} -> u)`],
  ['F4', `[a](${anna})`, `a(a -> @${id('anna')})`],
  ['F4', `[a] ${anna}](u)`, '[a] @anna](u)'],
  // Left out.
  ['F3', '<b>bold</b>', '<b>bold</b>'],
  ['F3', '<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['F3', '<!-- hidden -->', '<!-- hidden -->'],
  ['F3', '<div>\n**a**\n</div>', '<div>\nb(a)\n</div>'],
  ['F3', '&lt;b&gt; &#42;a&#42;', '&lt;b&gt; &#42;a&#42;'],
  ['F3', '[a](javascript&colon;alert(1))', 'a(a -> javascript&colon;alert(1))'],
  ['F3', '    indented\n    lines', '    indented\n    lines'],
  ['F3', 'title\n=====', 'title\n====='],
  ['F3', 'title\n-----', 'title | -----'],
  ['F3', '---', '---'],
  ['F3', '* * *', '* * *'],
  ['F3', '| a | b |\n|---|---|\n| 1 | 2 |', '| a | b |\n|---|---|\n| 1 | 2 |'],
  // Lines.
  ['F5', 'a\nb', 'a\nb'],
  ['F5', 'a\r\nb\rc', 'a\nb\nc'],
  ['F5', 'a  \nb', 'a  \nb'],
  ['F5', '  a\n   b', '  a\n   b'],
  ['F5', 'a\n\n\n\nb', 'a | b'],
  ['F5', '\n\na\n\n', 'a'],
  // Headings.
  ['F2', '# a', 'H(a)'],
  ['F2', '###### a ##', 'H(a)'],
  ['F2', '####### a', '####### a'],
  ['F2', '#a', '#a'],
  ['F2', '#1234 is fixed', '#1234 is fixed'],
  ['F2', 'a\n# b\nc', 'a | H(b) | c'],
  ['F2', `# ${anna} \`x\``, 'H(@anna c(x))'],
  // Fences.
  ['F2', '```\na\n```', 'CODE(a)'],
  ['F2', '```ts\nlet a;\n\nlet b;\n```', 'CODE ts(let a;\n\nlet b;)'],
  ['F2', '~~~\na\n```\n~~~', 'CODE(a\n```)'],
  ['F2', '````\n```\n````', 'CODE(```)'],
  ['F2', '```\na', 'CODE(a)'],
  ['F2', '```', 'CODE()'],
  ['F2', '```\n  a\n```', 'CODE(  a)'],
  ['F2', '  ```\n  a\n    b\n  ```', 'CODE(a\n  b)'],
  ['F2', '``` a`b', '``` a`b'],
  ['F2', '```c++ title="x"\na\n```', 'CODE c++(a)'],
  ['F2', '```"><script>\na\n```', 'CODE(a)'],
  ['F2', 'a\n```\nb\n```\nc', 'a | CODE(b) | c'],
  ['F2', `\`\`\`\n${anna}\n\`\`\``, `CODE(${anna})`],
  ['F2', '```\n**a** <b>\n```', 'CODE(**a** <b>)'],
  // Quotes.
  ['F2', '> a\n> b', 'Q(a\nb)'],
  ['F2', '>a', 'Q(a)'],
  ['F2', '> a\nb', 'Q(a\nb)'],
  ['F2', '> a\n\nb', 'Q(a) | b'],
  ['F2', '> a\n>\n> b', 'Q(a | b)'],
  ['F2', '> > a', 'Q(Q(a))'],
  ['F2', '> - a\n> - b', 'Q(UL(a ; b))'],
  ['F2', '> ```\n> a\n> ```', 'Q(CODE(a))'],
  ['F2', '> ```\n> a\nb', 'Q(CODE(a)) | b'],
  ['F2', 'a > b', 'a > b'],
  ['F2', '> `a\nb`', 'Q(c(a b))'],
  // Lists.
  ['F2', '- a\n- b', 'UL(a ; b)'],
  ['F2', '* a\n+ b', 'UL(a) | UL(b)'],
  ['F2', '1. a\n2. b', 'OL1(a ; b)'],
  ['F2', '7) a', 'OL7(a)'],
  ['F2', '- a\n  b', 'UL(a\nb)'],
  ['F2', '- a\nb', 'UL(a\nb)'],
  ['F2', '- a\n\n  b', 'UL(a | b)'],
  ['F2', '- a\n\nb', 'UL(a) | b'],
  ['F2', '- a\n  - b\n    - c', 'UL(a | UL(b | UL(c)))'],
  ['F2', '- ```\n  a\n  ```', 'UL(CODE(a))'],
  ['F2', '-\ta\n\n\tb', 'UL(a | b)'],
  ['F2', 'In the year\n1984. So it goes', 'In the year\n1984. So it goes'],
  ['F2', 'a\n1. b', 'a | OL1(b)'],
  ['F2', 'a\n- b', 'a | UL(b)'],
  ['F2', '-a', '-a'],
  ['F2', '1.a', '1.a'],
  ['F2', '1234567890. a', '1234567890. a'],
  ['F2', '- [ ] a', 'UL([ ] a)'],
  ['F2', `- ${anna}\n- <@!room>`, 'UL(@anna ; @room)'],
  // Where other readers differ: what continues a paragraph begins nothing behind four columns.
  ['F2', '14.   a\n    > b', 'OL14(a\n    > b)'],
  ['F2', '>        ~~~ js\n     >', 'Q(       ~~~ js\n     >)'],
  ['F2', '> a\n    - b', 'Q(a\n    - b)'],
];

describe('what a message shows', () => {
  test(`the corpus is large (${CORPUS.length})`, () => {
    expect(CORPUS.length).toBeGreaterThanOrEqual(150);
  });

  test.each(CORPUS)('[%s] %j', (_rule, source, seen) => {
    expect(shown(readMarkdown(source))).toBe(seen);
  });

  test('[F6] quotes in each other, as deep as they are worth showing', () => {
    expect(shown(readMarkdown('>'.repeat(14)))).toBe(`${'Q('.repeat(12)}>>${')'.repeat(12)}`);
    expect(shown(readMarkdown(`${'- '.repeat(13)}a`))).toBe(`${'UL('.repeat(12)}- a${')'.repeat(12)}`);
  });

  test('[F6] signs deeper than twelve marks are shown', () => {
    const deep = `${'**a ~~b '.repeat(8)}x${'~~.**.'.repeat(8)}`;
    expect(shown(readMarkdown(deep))).toBe(
      `${'b(a s(b '.repeat(6)}${'**a ~~b '.repeat(2)}x${'~~.**.'.repeat(2)}${').).'.repeat(6)}`,
    );
  });

  test('[F6] thousands of pieces are shown as they were typed, with their mentions', () => {
    const crowded = `${'*a* '.repeat(1_500)}${anna} \`${anna}\``;
    expect(readMarkdown(crowded)).toEqual([
      {
        kind: 'paragraph',
        inlines: [
          { kind: 'text', text: '*a* '.repeat(1_500) },
          { kind: 'user', id: id('anna') },
          { kind: 'text', text: ` \`${anna}\`` },
        ],
      },
    ]);
    expect(mentionsIn(crowded).users.size).toBe(1);
  });
});

describe('cost', () => {
  const of = (piece: string) => piece.repeat(Math.ceil(MESSAGE_TEXT / piece.length)).slice(0, MESSAGE_TEXT);
  const table = `|${'a|'.repeat(1_300)}\n|${'-|'.repeat(1_300)}\n|${'b|'.repeat(1_300)}`;
  const NASTY: [name: string, text: string][] = [
    ['a table of 1,300 columns', table],
    ['marks in each other', `${'*_'.repeat(2_000)}x${'_*'.repeat(1_999)}`],
    ['ticks of every length', Array.from({ length: 125 }, (_, i) => '`'.repeat(i + 1)).join('a')],
    ...[
      '[',
      '[a](',
      '](',
      '>',
      '- ',
      '\n> > > >',
      '\n- ',
      '*a',
      '*a **a ',
      '**@',
      '~~a',
      '_a*',
      '`a',
      '`\n\n',
      '\t',
      '# ',
      '\\',
    ]
      .concat([
        '[a](b "',
        '[a](<',
        '<http:',
        '<a@a.',
        'www.x[',
        'https://x.org ',
        `${anna} `,
        '&lt;',
        '<b>',
        '1. ',
        '```\n',
      ])
      .map((piece): [string, string] => [JSON.stringify(piece), of(piece)]),
  ];

  test.each(NASTY)('[F7] 8,000 characters of %s', (_name, text) => {
    // The best of three: the first reading also compiles the reader.
    const spent = [1, 2, 3].map(() => {
      const before = process.threadCpuUsage();
      readMarkdown(text.slice(0, MESSAGE_TEXT));
      const { user, system } = process.threadCpuUsage(before);
      return (user + system) / 1_000;
    });
    expect(Math.min(...spent)).toBeLessThan(8);
  });
});
