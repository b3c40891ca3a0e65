/** Texts that people write to hurt whoever reads them, or that hurt by accident. All of them may be stored. */
export type NastyText = { name: string; text: string };

const MESSAGE_LENGTH = 8_000;
const fill = (piece: string): string => piece.repeat(Math.ceil(MESSAGE_LENGTH / piece.length)).slice(0, MESSAGE_LENGTH);
const zalgo = (word: string, height: number): string =>
  [...word].map((letter) => letter + '\u0300\u0315\u0346\u035b\u0316\u0323\u0332\u0337'.repeat(height)).join('');

/** What a script of an attacker would set; a page whose window has it has run one. */
export const CANARY = 'pwned';
/** Nothing may ever be asked of this host. */
export const FOREIGN = 'evil.invalid';

const RUN = `window.${CANARY}=1`;
const LOAD = `https://${FOREIGN}/x`;

export const SCRIPTS: NastyText[] = [
  { name: 'a script link', text: `[press](javascript:${RUN})` },
  { name: 'a script link in capitals', text: `[press](JaVaScRiPt:${RUN})` },
  { name: 'a script link behind a control character', text: `[press](<\u0001javascript:${RUN}>)` },
  { name: 'a script link with a tab in it', text: `[press](<java\tscript:${RUN}>)` },
  {
    name: 'a script link in entities',
    text: `[press](&#106;avascript&colon;${RUN}) &#60;script&#62;${RUN}&#60;/script&#62;`,
  },
  { name: 'a script link in percent codes', text: `[press](javascript%3A${RUN})` },
  { name: 'a script as autolink', text: `<javascript:${RUN}>` },
  { name: 'a data link', text: `[press](data:text/html,<script>${RUN}</script>) <data:text/html;base64,PHNjcmlwdD4=>` },
  {
    name: 'links to other programs',
    text: '[a](vbscript:x) [b](file:///etc/passwd) [c](blob:https://x.org/1) [d](intent://x)',
  },
  { name: 'a script element', text: `<script>${RUN}</script><script src="${LOAD}"></script>` },
  { name: 'a broken script element', text: `<scr<script>ipt>${RUN}</scr</script>ipt><<script>${RUN}//<</script>` },
  { name: 'an image that fails', text: `<img src=x onerror=${RUN}><img src="${LOAD}">` },
  { name: 'a picture', text: `![picture](${LOAD}) ![a](x "b" onerror=${RUN})` },
  { name: 'an svg that loads', text: `<svg/onload=${RUN}><svg><animate onbegin=${RUN} attributeName=x></svg>` },
  {
    name: 'frames, objects and forms',
    text: `<iframe src="javascript:parent.${RUN}"></iframe><object data="${LOAD}"></object><form action="${LOAD}"><button>`,
  },
  { name: 'styles', text: `<style>@import "${LOAD}"; * { display: none }</style><div style="position:fixed;inset:0">` },
  {
    name: 'a base and a refresh',
    text: `<base href="${LOAD}/"><meta http-equiv="refresh" content="0;url=${LOAD}"><link rel=stylesheet href="${LOAD}">`,
  },
  {
    name: 'attributes out of a title',
    text: `[a](https://x.org "x\\" onmouseover=\\"${RUN}") [b](https://x.org/"onclick="${RUN})`,
  },
  { name: 'attributes out of a language', text: `\`\`\`"onload="${RUN}"><script>\n${RUN}\n\`\`\`` },
  { name: 'code that ends code', text: `\`</code><script>${RUN}</script>\`` },
  { name: 'a comment and its end', text: `<!--><script>${RUN}</script>--><![CDATA[<script>${RUN}</script>]]>` },
  {
    name: 'a template of the page',
    text: `{@html "<img src=x onerror=${RUN}>"} {{constructor.constructor("${RUN}")()}} \${${RUN}}`,
  },
  {
    name: 'mutating mathematics',
    text: `<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=x onerror=${RUN}&gt;">`,
  },
  {
    name: 'a link that lies',
    text: '[https://bank.example/login](https://evil.invalid/x) [bank.example](https://bank.example@evil.invalid/)',
  },
  { name: 'a link in letters that lie', text: 'https://www.bаnk.example/ and [\u202emoc.knab](https://evil.invalid/)' },
];

export const HEAVY: NastyText[] = [
  { name: 'a wide table', text: fill(`|${'a|'.repeat(1_300)}\n|${'-|'.repeat(1_300)}\n`) },
  { name: 'brackets', text: fill('[') },
  { name: 'brackets of links', text: fill('[a](') },
  { name: 'links in each other', text: fill('[[[[](a)](b)](c)](d)') },
  { name: 'quotes in each other', text: fill('>') },
  { name: 'lists in each other', text: fill('- ') },
  { name: 'quotes and lists, line by line', text: fill('\n> - > - > - > - > - > - a') },
  { name: 'marks in each other', text: `${'*_'.repeat(1_999)}x${'_*'.repeat(1_999)}` },
  { name: 'marks beside each other', text: fill('*a* **b** ~~c~~ ') },
  { name: 'thousands of little codes', text: fill('`a` ') },
  { name: 'ticks of every length', text: Array.from({ length: 125 }, (_, i) => '`'.repeat(i + 1)).join('a') },
  { name: 'list items', text: fill('- a\n') },
  { name: 'fences', text: fill('```\na\n```\n') },
  { name: 'addresses', text: fill('https://x.org/a ') },
  { name: 'empty lines', text: `a${'\n'.repeat(MESSAGE_LENGTH - 2)}b` },
  { name: 'one long word', text: fill('Donaudampfschifffahrt') },
  { name: 'one long word of code', text: `\`${'x'.repeat(MESSAGE_LENGTH - 2)}\`` },
];

export const STRANGE: NastyText[] = [
  { name: 'Zalgo', text: `He comes: ${zalgo('Zalgo', 20)} ${zalgo('comes', 40)}` },
  { name: 'Zalgo, all of it', text: fill(zalgo('x', 100)) },
  { name: 'an override of direction', text: 'user\u202e txt.exe \u2067\u2066\u202d never closed' },
  { name: 'overrides a thousandfold', text: fill('\u202e\u2066a\u202b') },
  { name: 'right to left and left to right', text: 'שלום **עולם** `code` مرحبا [קישור](https://x.org) 123' },
  { name: 'nothing to see', text: 'a\u200b\u200d\u2060\ufeff\u00ad\u180e\u3164b' },
  { name: 'tags of Unicode', text: `flag \u{1f3f4}${'\u{e0067}\u{e0062}'.repeat(50)}\u{e007f}` },
  { name: 'emoji in families', text: fill('\u{1f468}\u200d\u{1f469}\u200d\u{1f467}') },
  { name: 'the widest letters', text: '﷽﷽﷽﷽﷽ 𒐫𒐫𒐫 ꧅꧅꧅ ⸻⸻⸻' },
  { name: 'private and unassigned letters', text: '\ue000\uf8ff\u{10fffd}\u0378\uffff\ufffe' },
  { name: 'line ends of all kinds', text: 'a\rb\r\nc\u2028d\u2029e\u0085f\vg\fh' },
  { name: 'control characters', text: 'a\u0001\u0008\u001b[31mb\u007fc' },
  { name: 'words of JavaScript', text: '__proto__ constructor toString [object Object] undefined null NaN' },
  { name: 'words of SQL', text: `'; drop table users; -- " \\ \\' %s \${x} $1` },
];

export const NASTY: NastyText[] = [...SCRIPTS, ...HEAVY, ...STRANGE];
