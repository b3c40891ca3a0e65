import { id, pick } from '../../src/lib/model/testing.ts';
import type { Random } from '../../src/lib/model/rank.ts';

const MENTIONS = [`<@${id('anna')}>`, `<@${id('bob')}>`, '<@!room>', `<@${id('anna')}>`];

/** What Markdown's inside is made of, broken where it can be broken. */
const INLINE = [
  ...MENTIONS,
  ...MENTIONS,
  'word',
  'a',
  '1',
  ' ',
  ' ',
  '  ',
  '\u00a0',
  '`',
  '`',
  '``',
  '```',
  '*',
  '**',
  '***',
  '_',
  '__',
  '~~',
  '~',
  '~~~',
  '[',
  ']',
  '](',
  '](u)',
  '](<u>)',
  '](<',
  '>)',
  '("t")',
  '](u "t")',
  "](u 't",
  '](u (t))',
  '(',
  ')',
  '<',
  '>',
  '\\',
  '\\`',
  '\\[',
  '!',
  '![',
  '"',
  "'",
  '.',
  ',',
  '#',
  '-',
  '+',
  '=',
  '|',
  ':',
  'https://x.org/a',
  'http://',
  'www.x.org',
  'mailto:a@x.org',
  '<https://x.org/a>',
  '<mailto:',
  '<a@x.org>',
  '<b>',
  '</b>',
  '<!--',
  '@anna',
  'é',
  '你好',
  '。',
  '👋',
  '\u200f',
  '\u202e',
  '\u0301',
];

/** What may stand at the beginning of a line. */
const USUAL = ['> ', '>', '> > ', '- ', '* ', '+ ', '1. ', '2. ', '  ', '   ', '# '];
const PREFIX = [
  ...USUAL,
  ...USUAL,
  '> ',
  '>',
  '> > ',
  '- ',
  '* ',
  '+ ',
  '-',
  '1. ',
  '1) ',
  '2. ',
  '14. ',
  '-   ',
  '-     ',
  '-\t',
  '  ',
  '   ',
  '    ',
  '\t',
  '     ',
  '# ',
  '## ',
  '#',
];

const WHOLE_LINES = [
  '```',
  '```ts',
  '````',
  '~~~',
  '~~~ js title',
  '   ```',
  '    ```',
  '---',
  '***',
  '- - -',
  '_ _ _',
  '===',
  '',
  '',
  ' ',
  '-',
  '1.',
  '>',
  '| a | b |',
  '|---|---|',
  '<div>',
  '[a]: https://x.org',
];

const soup = (random: Random, most: number): string =>
  Array.from({ length: Math.floor(random() * most) }, () => pick(random, INLINE)).join('');

function anyLine(random: Random): string {
  const prefix = Array.from({ length: Math.floor(random() * 4) }, () => pick(random, PREFIX)).join('');
  if (random() < 0.25) return prefix + pick(random, WHOLE_LINES);
  return prefix + soup(random, 9);
}

/** A long text, of the length that a message may have. */
export function longText(random: Random, length: number): string {
  let text = '';
  while (text.length < length) text += `${anyText(random)}\n`;
  return text.slice(0, length).toWellFormed();
}

/** A short text with a great deal of Markdown in it, most of it wrong. */
export function anyText(random: Random): string {
  if (random() < 0.3) return soup(random, 16);
  const end = random() < 0.1 ? '\r\n' : '\n';
  return Array.from({ length: 1 + Math.floor(random() * 6) }, () => anyLine(random)).join(end);
}
