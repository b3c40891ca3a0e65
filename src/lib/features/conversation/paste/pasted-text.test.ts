import { describe, expect, test } from 'vitest';
import { readMarkdown, type Block, type Inline } from '../../../model/markdown.ts';
import type { Person } from '../../../model/board.ts';
import { pick, seeded } from '../../../model/testing.ts';
import { HTML_MOST, PASTE_MOST, markdownOf, pastedText } from './pasted-text.ts';

const ANNA = { id: 'annaannaannaannaanna', name: 'Anna Larsen', username: 'anna.l', role: 'member' } as Person;
const people = [ANNA];

/** Shapes of what programs copy, and what a message makes of them. Null: the plain text is taken as it is. */
const corpus: Record<string, [name: string, html: string, markdown: string | null][]> = {
  '[K1, K2] pages of the web': [
    ['strong, emphasis and strike', '<p>a <b>b</b> <em>c</em> <del>d</del></p>', 'a **b** *c* ~~d~~'],
    ['white space collapses, and stands outside of marks', '<p>\n a\n  <b> b </b>\n\tc </p>', 'a **b** c'],
    ['marks beside each other are one', '<b>a</b><strong>b</strong> c', '**ab** c'],
    ['marks in each other', '<b>a <i>b</i></b> <i><b>c</b></i>', '**a *b*** ***c***'],
    [
      'marks that cannot stand across each other are left out',
      '<b>a<i>b</i></b><i>c</i> d <code>e</code>',
      'abc d `e`',
    ],
    ['punctuation at the edge of a mark', '<b>Note:</b>this', '**Note**:this'],
    ['a link', '<a href="https://example.org/a">here</a>', '[here](https://example.org/a)'],
    [
      'a link that says its address',
      '<b>x</b> <a href="https://example.org/a">https://example.org/a</a>',
      '**x** https://example.org/a',
    ],
    ['a link with marks in it', '<a href="https://example.org/">a <b>b</b></a>', '[a **b**](https://example.org/)'],
    ['brackets in a link', '<a href="https://example.org/x_(y)">[a]</a>', '[\\[a\\]](https://example.org/x_(y))'],
    ['an address of mail', '<a href="mailto:a@example.org">a@example.org</a> <i>x</i>', '<a@example.org> *x*'],
    ['what would run is words', '<a href="javascript:alert(1)">a</a> <b>b</b>', 'a **b**'],
    ['a link to a place in the page is words', '<a href="#top">a</a> <b>b</b>', 'a **b**'],
    ['headings', '<h1>One</h1><p>a</p><h3>Three <i>x</i></h3>', '# One\n\na\n\n### Three *x*'],
    ['a heading of two lines', '<h2>One<br>two</h2>', '## One two'],
    ['lists in each other', '<ul><li>a<ol><li>b<li>c</ol><li>d</ul>', '- a\n  1. b\n  2. c\n- d'],
    ['a list that begins later', '<ol start="7"><li>a</li><li>b</li></ol>', '7. a\n8. b'],
    ['two lists beside each other', '<ul><li>a</li></ul><ul><li>b</li></ul>', '- a\n\n* b'],
    ['paragraphs in an item', '<ul><li><p>a</p><p>b</p></li></ul>', '- a\n\n  b'],
    ['a quote', '<blockquote><p>a</p><p>b</p></blockquote><p>c</p>', '> a\n>\n> b\n\nc'],
    ['a quote in a list', '<ul><li><blockquote>a</blockquote></li></ul>', '- > a'],
    ['code in a line', '<p>run <code>npm ci</code></p>', 'run `npm ci`'],
    ['ticks in code', '<code>a`b</code> <code>`</code>', '``a`b`` `` ` ``'],
    ['a block of code', '<pre><code class="language-ts">a &lt; b\n  c\n</code></pre>', '```ts\na < b\n  c\n```'],
    ['a fence in a block of code', '<pre class="x">```\na\n```</pre>', '````\n```\na\n```\n````'],
    ['a rule', '<p>a</p><hr><p><b>b</b></p>', 'a\n\n---\n\n**b**'],
    ['breaks', 'a<br>b<br><br><b>c</b>', 'a\nb\n\n**c**'],
    ['scripts, styles and comments', '<style>b{}</style><!-- x --><script>alert("<b>1</b>")</script><b>a</b>', '**a**'],
    [
      'hidden',
      '<b>a</b><span hidden>b</span><span style="display:none">c</span><span class="sr-only">d</span>',
      '**a**',
    ],
    ['images are their words', '<b>a</b> <img alt="A chart" src="https://example.org/a.png">', '**a** A chart'],
    [
      'images without words are links',
      '<b>a</b> <img src="https://example.org/a.png">',
      '**a** [image](https://example.org/a.png)',
    ],
    ['images that watch are nothing', '<b>a</b><img src="https://example.org/a.gif" width="1" height="1">', '**a**'],
    [
      'raised and lowered',
      'x<sup>2</sup> H<sub>2</sub>O <b>a</b><sup><a href="https://e.org/#n">[1]</a></sup>',
      'x² H₂O **a**[1]',
    ],
    ['characters by name and number', '<b>a&nbsp;&amp;&#8212;&#x1F44D;&eacute;&unknown;</b>', '**a &—👍é&unknown;**'],
    ['a definition list', '<dl><dt><b>a</b></dt><dd>b</dd></dl>', '**a**\nb'],
    ['tags that are never closed', '<p>a<p><b>b</b><div>c', 'a\n\n**b**\n\nc'],
  ],
  '[K3] what would be marks is escaped, and nothing else': [
    ['stars', '<i>x</i> *a*', '*x* \\*a\\*'],
    ['a lone star and words with underscores', '<i>x</i> 2 * 3 and snake_case_name', '*x* 2 * 3 and snake_case_name'],
    ['a list', '<p>- a</p><p><i>x</i></p>', '\\- a\n\n*x*'],
    ['a number', '<p>1. a</p><p><i>x</i></p>', '1\\. a\n\n*x*'],
    ['a year at the end of a sentence', '<p>In 1999. Then <i>x</i></p>', 'In 1999. Then *x*'],
    ['a heading', '<p># a</p><p>#tag <i>x</i></p>', '\\# a\n\n#tag *x*'],
    ['a quote', '<p>&gt; a</p><p>1 &gt; <i>x</i></p>', '\\> a\n\n1 > *x*'],
    ['a fence', '<p>```</p><p><i>x</i></p>', '\\```\n\n*x*'],
    ['a link', '<i>x</i> [a](b)', '*x* \\[a\\](b)'],
    ['brackets', '<i>x</i> [a]', '*x* [a]'],
    ['a mention as it is stored', `<i>x</i> &lt;@${ANNA.id}&gt;`, `*x* \\<@${ANNA.id}>`],
    ['HTML that is shown', '<i>x</i> &lt;b&gt;', '*x* <b>'],
  ],
  '[K4] office programs': [
    [
      'a document of Google',
      '<meta charset="utf-8"><b style="font-weight:normal;" id="docs-internal-guid-1"><h2 dir="ltr"><span style="font-weight:400;white-space:pre-wrap;">Plan</span></h2><p dir="ltr" style="line-height:1.38;margin-top:0pt;margin-bottom:0pt;"><span style="font-weight:700;white-space:pre-wrap;">Bold</span><span style="font-weight:400;white-space:pre-wrap;"> text</span></p><p dir="ltr" style="margin-top:0pt;margin-bottom:0pt;"><span style="font-style:italic">next line</span></p><br><p dir="ltr" style="margin-top:0pt;margin-bottom:0pt;"><span style="text-decoration:line-through">gone</span></p></b>',
      '## Plan\n\n**Bold** text\n*next line*\n\n~~gone~~',
    ],
    [
      'lists of a document of Google',
      '<b style="font-weight:normal"><ul><li dir="ltr" aria-level="1"><p role="presentation"><span>one</span></p></li><ul><li aria-level="2"><p><span>deep</span></p></li></ul><li><p>two</p></li></ul></b>',
      '- one\n  - deep\n- two',
    ],
    [
      'a list of Word',
      "<p class=MsoListParagraphCxSpFirst style='mso-list:l0 level1 lfo1'><![if !supportLists]><span style='mso-list:Ignore'>1.<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span><![endif]>First<o:p></o:p></p><p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o<span>&nbsp;</span></span>Deep</p><p class=MsoListParagraphCxSpLast style='mso-list:l0 level1 lfo1'><span style='mso-list:Ignore'>2.</span>Second</p>",
      '1. First\n   - Deep\n2. Second',
    ],
    [
      'a text of Word',
      '<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style><!-- p.MsoNormal {margin:0} --></style><!--[if gte mso 9]><xml><o:x/></xml><![endif]--></head><body><!--StartFragment--><p class=MsoNormal>A <b style=\'mso-bidi-font-weight:normal\'>bold</b> word<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p><p class=MsoNormal>Next</p><!--EndFragment--></body></html>',
      'A **bold** word\n\nNext',
    ],
    [
      'cells of Excel',
      '<table><col width=64><tr><td class=xl1>Name</td><td>Sum</td></tr><tr><td>Ann</td><td align=right>3</td></tr></table>',
      'Name | Sum\nAnn | 3',
    ],
    [
      'cells of Sheets',
      '<google-sheets-html-origin><style>td{}</style><table><colgroup><col></colgroup><tbody><tr><td data-sheets-value="x">a</td><td></td><td>c</td></tr><tr><td>d</td><td></td><td></td></tr></tbody></table>',
      'a |  | c\nd',
    ],
    ['one cell', '<table><tr><td>alone</td></tr></table>', null],
    ['a cell with marks', '<table><tr><td><b>a</b></td><td>b*c*</td></tr></table>', '**a** | b\\*c\\*'],
    [
      'a table that lays out',
      '<table role="presentation"><tr><td><h2>a</h2></td></tr><tr><td><ul><li>b</li></ul></td></tr></table>',
      '## a\n\n- b',
    ],
  ],
  '[K5] mails and conversations': [
    [
      'lines of Gmail',
      '<div dir="ltr">Hello<div><br></div><div>line <b>two</b></div><div>three</div></div>',
      'Hello\n\nline **two**\nthree',
    ],
    [
      'an answer of Gmail',
      '<div>Yes</div><div class="gmail_quote"><div class="gmail_attr">Ann wrote:<br></div><blockquote class="gmail_quote">Shall we?</blockquote></div>',
      'Yes\nAnn wrote:\n\n> Shall we?',
    ],
    ['a preview that a mail hides', '<div style="display:none;max-height:0">psst</div><p>a <b>b</b></p>', 'a **b**'],
    [
      'lines of Slack',
      '<div class="p-rich_text_section">a <b data-stringify-type="bold">b</b><br></div><ul data-indent="0"><li>one</li></ul><ul data-indent="1"><li>deep</li></ul><ul data-indent="0"><li>two</li></ul>',
      'a **b**\n\n- one\n  - deep\n\n* two',
    ],
    [
      'an emoji of Slack',
      '<b>a</b> <img alt=":smile:" data-stringify-emoji=":smile:" src="https://example.org/s.png">',
      '**a** :smile:',
    ],
    ['only colours', '<div style="color:red"><span>a</span> <font color="blue">b</font></div>', null],
    ['lines without marks', '<div>a</div><div>b</div>', null],
  ],
  '[K6] code': [
    [
      'of VS Code',
      '<meta charset="utf-8"><div style="color:#ccc;font-family:Menlo, Monaco, \'Courier New\', monospace;font-weight:normal;white-space:pre;"><div><span style="color:#569cd6;font-weight:bold">const</span><span> a = </span></div><div>  <span style="font-style:italic">// *b*</span></div></div>',
      null,
    ],
    [
      'of JetBrains',
      '<html><body><pre style="background-color:#2b2b2b;font-family:\'JetBrains Mono\',monospace;"><span style="color:#cc7832;">if </span>x<br></pre></body></html>',
      null,
    ],
    [
      'of GitHub',
      '<div class="highlight highlight-source-js"><pre><span class="pl-k">const</span> a</pre></div><p>b</p>',
      '```js\nconst a\n```\n\nb',
    ],
    [
      'tasks of GitHub',
      '<ul><li class="task-list-item"><input type="checkbox" checked disabled> a</li><li><input type="checkbox"> b</li></ul>',
      '- [x] a\n- [ ] b',
    ],
    ['a permalink without words', '<h2><a href="https://example.org/#x"><svg><path/></svg></a>Usage</h2>', '## Usage'],
  ],
  '[K7] messages of TaskFlow': [
    ['someone who is here', `<p>hi <span class="mention" title="@anna.l">@Anna Larsen</span>!</p>`, 'hi @anna.l!'],
    ['someone who is not here', '<p><b>hi</b> <span class="mention" title="@zoe">@Zoe</span></p>', '**hi** @Zoe'],
    [
      'someone who is not here, named like someone who is',
      '<p><b>hi</b> <span class="mention" title="@zoe">@anna.l</span></p>',
      '**hi** anna.l',
    ],
    ['a group', '<p><b>hi</b> <span class="mention mine">@room</span></p>', '**hi** @room'],
    ['a heading', '<p class="heading s-x">Plan</p>', '### Plan'],
    [
      'code with its language and button',
      '<figure class="code"><figcaption>sh</figcaption><div><button>Copy code</button></div><pre dir="ltr"><code>npm ci</code></pre></figure>',
      '```sh\nnpm ci\n```',
    ],
    [
      'where a link leads',
      '<a href="https://example.org/">https://bank.example</a><bdi class="leads-to"> (example.org)</bdi>',
      '[https://bank.example](https://example.org/)',
    ],
  ],
};

for (const [area, cases] of Object.entries(corpus))
  describe(area, () => {
    test.each(cases)('%s', (_name, html, markdown) => {
      expect(markdownOf(html, people)).toBe(markdown);
    });
  });

test('the corpus is one', () => {
  expect(Object.values(corpus).flat().length).toBeGreaterThanOrEqual(60);
});

describe('where it is put', () => {
  const pasted = (plain: string, html = '') => ({ plain, html });
  const at = (marked: string) => {
    const [before = '', selected = '', after = ''] = marked.split('|');
    return { value: before + selected + after, from: before.length, to: before.length + selected.length };
  };

  test.each([
    ['over words', 'see |the page |now', 'https://example.org/a b'.slice(0, 21), '[the page](https://example.org/a) '],
    ['over nothing', 'see ||', 'https://example.org/', null],
    ['over an address', '|https://old.example/|', 'https://example.org/', null],
    ['in code', '`a |b| c`', 'https://example.org/', null],
    ['words over words', '|a|', 'b', null],
    ['over lines', '|a\nb|', 'https://example.org/', null],
    ['what would run', '|a|', 'javascript:alert(1)', null],
  ])('[K9] an address %s', (_name, place, plain, text) => {
    expect(pastedText(pasted(plain), at(place), people)).toBe(text);
  });

  test.each([
    ['in a fence', '```\na||', null],
    ['in a fence that is closed', '```\na||\n```\nb', null],
    ['in a span', '`a||b`', null],
    ['after a fence', '```\na\n```\n||', '**b**'],
    ['after a span', '`a` ||', '**b**'],
  ])('[K10] marks %s', (_name, place, text) => {
    expect(pastedText(pasted('b', '<b>b</b>'), at(place), people)).toBe(text);
  });

  test('[K8] HTML without a plain text is read whatever it says', () => {
    expect(pastedText(pasted('', '<div>a</div><div>b</div>'), at('||'), people)).toBe('a\nb');
  });

  test('[K8] what is too large is its plain text', () => {
    const html = `<b>${'a'.repeat(HTML_MOST)}</b>`;
    expect(pastedText(pasted('a', html), at('||'), people)).toBeNull();
    expect(markdownOf(`<b>${'a'.repeat(PASTE_MOST + 1)}</b>`, people)).toBeNull();
  });
});

/** A message's HTML as browsers copy it: with the white space of its paragraphs. */
function shown(blocks: readonly Block[]): string {
  return blocks
    .map((block) => {
      switch (block.kind) {
        case 'code':
          return `<figure class="code">${block.language && `<figcaption>${block.language}</figcaption>`}<div><button>Copy</button></div><pre><code>${safe(block.text)}</code></pre></figure>`;
        case 'quote':
          return `<blockquote>${shown(block.blocks)}</blockquote>`;
        case 'list': {
          const items = block.items.map((item) => `<li>${shown(item)}</li>`).join('');
          return block.first === null ? `<ul>${items}</ul>` : `<ol start="${block.first}">${items}</ol>`;
        }
        default:
          return `<p class="${block.kind}" style="white-space: pre-wrap">${line(block.inlines)}</p>`;
      }
    })
    .join('');
}

function line(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (inline.kind === 'text') return safe(inline.text);
      if (inline.kind === 'code') return `<code>${safe(inline.text)}</code>`;
      if (inline.kind === 'user') return `<span class="mention">@${inline.id}</span>`;
      if (inline.kind === 'group') return `<span>@${inline.group}</span>`;
      if (inline.kind === 'link') return `<a href="${safe(inline.href)}">${line(inline.inlines)}</a>`;
      const name = { strong: 'strong', emphasis: 'em', strike: 's' }[inline.kind];
      return `<${name}>${line(inline.inlines)}</${name}>`;
    })
    .join('');
}

/** Without the white space that a paragraph begins with: in an item it would not be part of it. */
function aligned(html: string): string {
  return html.replace(/pre-wrap">\s+/g, 'pre-wrap">');
}

function safe(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

const WORDS = [
  'one',
  'two*',
  '_three_',
  'a**b**',
  '**bold**',
  '*it*',
  '~~gone~~',
  '`code`',
  '[link](https://example.org/a)',
  '5 * 6',
  '1.',
  '- x',
  '# h',
  '> q',
  '\\*',
  'https://example.org/b',
  'snake_case',
  '<b>',
  '&amp;',
  '[x]',
  '***both***',
  '**a *b***',
  '(**c**)',
  '"*d*"',
];
const LINES = ['', '', '- ', '  - ', '1. ', '> ', '> - ', '# ', '```js\n', '```\n', '   '];

test.each([1, 2, 3, 4])('[K7] a message that is copied and pasted looks the same (seed %i)', (seed) => {
  const random = seeded(seed);
  for (let round = 0; round < 150; round++) {
    const lines = Array.from(
      { length: 1 + Math.floor(random() * 6) },
      () =>
        pick(random, LINES) +
        Array.from({ length: 1 + Math.floor(random() * 4) }, () => pick(random, WORDS)).join(' ') +
        ' end',
    );
    const source = lines.join(pick(random, ['\n', '\n\n']));
    const before = readMarkdown(source);
    const again = markdownOf(shown(before), people, true);
    expect(again === null ? '' : aligned(shown(readMarkdown(again))), source).toBe(aligned(shown(before)));
  }
});

test.each([
  ['paragraphs', '<p style="color:red">a <b>b</b> c</p>'],
  ['depth', '<div>'],
  ['marks', '<b>'],
  ['breaks', 'a<br>'],
  ['brackets', '<'],
  ['quotes that never end', '<a b="'],
  ['ends without a beginning', '</b>'],
  ['comments that never end', '<!--'],
  ['lists', '<ul><li>'],
  ['tables', '<table><tr><td>'],
  ['marks of the dialect', '*_`['],
])('[K14] a megabyte of %s is read, with time that grows with its length', (_name, piece) => {
  const cost = (length: number): number => {
    const html = piece.repeat(Math.floor(length / piece.length));
    const before = process.cpuUsage();
    markdownOf(html, people, true);
    return process.cpuUsage(before).user / 1000;
  };
  cost(HTML_MOST / 8);
  expect(cost(HTML_MOST)).toBeLessThan(Math.max(8 * 4 * cost(HTML_MOST / 8), 1_000));
});
