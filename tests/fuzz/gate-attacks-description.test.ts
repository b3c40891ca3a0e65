import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import {
  CLIENT,
  answerTo,
  any,
  binary,
  embed,
  erase,
  evil,
  forge,
  format,
  garbage,
  item,
  json,
  mallory,
  skip,
  subdoc,
  text,
  type,
  write,
  type Attack,
  type Id,
  TASK,
  descriptionOf,
} from './gate-forge.ts';

const TEXT = [CLIENT.alice, 1] as const;
/** A letter of the word 'hello'. */
const at = (letter: number): Id => [CLIENT.alice, 2 + letter];
const PARAGRAPH = [CLIENT.alice, 0] as const;
const nodes = (depth: number): Uint8Array =>
  forge([
    {
      client: CLIENT.fresh,
      structs: Array.from({ length: depth }, (_, i) =>
        item({ parent: i === 0 ? 'desc' : [CLIENT.fresh, i - 1] }, type(3, 'li')),
      ),
    },
  ]);

const ON_DESCRIPTIONS: Attack[] = [
  ['G13', 'honest: words', write({ origin: [CLIENT.alice, 6] }, text(' all')), 'accept'],
  [
    'G13',
    'honest: words between words',
    write({ origin: [CLIENT.alice, 3], right: [CLIENT.alice, 4] }, text('!')),
    'accept',
  ],
  ['G13', 'honest: a mark', write({ parent: TEXT, right: [CLIENT.alice, 2] }, format('bold', {})), 'accept'],
  ['G13', 'honest: a paragraph', write({ parent: 'desc' }, type(3, 'paragraph')), 'accept'],
  ['G13', 'honest: an attribute', write({ origin: [CLIENT.alice, 7] }, any('right')), 'accept'],
  ['G13', 'honest: garbage of one’s own', forge([{ client: CLIENT.fresh, structs: [garbage(3)] }]), 'accept'],
  ['G13', 'honest: all of it deleted', erase([CLIENT.alice, [0, 8]]), 'accept'],
  ['G13', 'honest: a hundred levels', nodes(100), 'accept'],
  ['G13', 'a commenter writes', write({ origin: [CLIENT.alice, 6] }, text('!')), 'read-only', mallory('commenter')],
  ['G13', 'a viewer deletes', erase([CLIENT.alice, [2, 1]]), 'read-only', mallory('viewer')],
  [
    'G13',
    'a viewer sends garbage',
    forge([{ client: CLIENT.fresh, structs: [garbage(3)] }]),
    'read-only',
    mallory('viewer'),
  ],
  [
    'G4',
    'words under another’s clientID',
    forge([{ client: CLIENT.alice, clock: 8, structs: [item({ origin: [CLIENT.alice, 6] }, text('!'))] }]),
    'not-yours',
  ],
  ['G5', 'another root', write({ parent: 'm' }, type(3, 'p')), 'malformed'],
  ['G13', 'a map', write({ parent: 'desc' }, type(1)), 'malformed'],
  ['G13', 'an array', write({ parent: PARAGRAPH }, type(0)), 'malformed'],
  ['G13', 'a hook', write({ parent: 'desc' }, type(5, 'x')), 'malformed'],
  ['G13', 'a fragment inside', write({ parent: 'desc' }, type(4)), 'malformed'],
  ['G13', 'a type as an attribute', write({ parent: PARAGRAPH, key: 'align' }, type(6)), 'malformed'],
  ['G13', 'a document inside', write({ parent: 'desc' }, subdoc()), 'malformed'],
  ['G13', 'binary', write({ parent: 'desc' }, binary(9)), 'malformed'],
  ['G13', 'an embed', write({ parent: TEXT }, embed({ image: 'x' })), 'malformed'],
  ['G13', 'JSON of the old kind', write({ parent: PARAGRAPH, key: 'align' }, json('"left"')), 'malformed'],
  ['G13', 'values in a list, which breaks every reader', write({ parent: 'desc' }, any(1, 2)), 'malformed'],
  ['G13', 'words in an element, which break every reader', write({ parent: PARAGRAPH }, text('words')), 'malformed'],
  ['G13', 'a node in a text, which breaks every reader', write({ parent: TEXT }, type(3, 'p')), 'malformed'],
  ['G13', 'a mark outside of a text', write({ parent: PARAGRAPH }, format('bold', true)), 'malformed'],
  ['G13', 'an attribute of the root', write({ parent: 'desc', key: 'x' }, any(1)), 'malformed'],
  ['G13', 'something inside of words', write({ parent: [CLIENT.alice, 3] }, text('words')), 'malformed'],
  ['G13', 'a hundred and one levels', nodes(101), 'bad-value'],
  ['G13', 'ten thousand levels', nodes(10_000), 'bad-value'],
  [
    'G13',
    'a node with an attribute in its name',
    write({ parent: 'desc' }, type(3, 'img onerror=alert(1)')),
    'bad-value',
  ],
  ['G13', 'an attribute called __proto__', write({ parent: PARAGRAPH, key: '__proto__' }, any(1)), 'bad-value'],
  ['G13', 'a mark called constructor', write({ parent: TEXT }, format('constructor', true)), 'bad-value'],
  [
    'G13',
    'a mark with __proto__',
    write({ parent: TEXT }, format('link', evil('{"__proto__":{"href":"x"}}'))),
    'bad-value',
  ],
  ['G13', 'an attribute bomb', write({ parent: PARAGRAPH, key: 'align' }, any('x'.repeat(20_000))), 'bad-value'],
  ['G13', 'a deep attribute', write({ parent: PARAGRAPH, key: 'align' }, any([[[[[[[1]]]]]]])), 'bad-value'],
  ['G13', 'bytes as an attribute', write({ parent: PARAGRAPH, key: 'align' }, any(new Uint8Array(3))), 'bad-value'],
  [
    'G6',
    'a node inside of itself',
    forge([{ client: CLIENT.fresh, structs: [item({ parent: [CLIENT.fresh, 0] }, type(3, 'p'))] }]),
    'malformed',
  ],
  [
    'G6',
    'two nodes inside of each other',
    forge([
      { client: CLIENT.fresh, structs: [item({ parent: [CLIENT.other, 0] }, type(3, 'p'))] },
      { client: CLIENT.other, structs: [item({ parent: [CLIENT.fresh, 0] }, type(3, 'p'))] },
    ]),
    'malformed',
  ],
  ['G6', 'a right origin left of its origin', write({ origin: at(3), right: at(1) }, text('!')), 'malformed'],
  ['G6', 'a right origin that is the origin', write({ origin: at(3), right: at(3) }, text('!')), 'malformed'],
  [
    'G6',
    'a right origin left of its origin, by a detour',
    forge([
      {
        client: CLIENT.fresh,
        structs: [
          item({ origin: at(2), right: at(4) }, text('a')),
          item({ origin: [CLIENT.fresh, 0], right: at(1) }, text('b')),
        ],
      },
    ]),
    'malformed',
  ],
  ['G6', 'between two lists', write({ origin: PARAGRAPH, right: at(1) }, text('!')), 'malformed'],
  ['G6', 'a right origin in an attribute', write({ right: [CLIENT.alice, 7] }, any('right')), 'malformed'],
  [
    'G6',
    'items in each other’s way, which cost Yjs the square',
    forge([
      {
        client: CLIENT.other,
        structs: Array.from({ length: 1_500 }, (_, i) =>
          item({ origin: i === 0 ? at(0) : [CLIENT.other, i - 1], right: at(1) }, text('y')),
        ),
      },
      {
        client: CLIENT.fresh,
        structs: Array.from({ length: 1_500 }, () => item({ origin: at(0), right: at(2) }, text('y'))),
      },
    ]),
    'too-large',
  ],
  [
    'G3',
    'skipped clocks',
    forge([{ client: CLIENT.fresh, structs: [skip(3), item({ parent: 'desc' }, type(3, 'p'))] }]),
    'defer',
  ],
  ['G3', 'an unknown right origin', write({ right: [CLIENT.other, 0] }, text('!')), 'defer'],
  ['G3', 'an unknown parent', write({ parent: [CLIENT.other, 0] }, text('!')), 'defer'],
  ['G9', 'garbage for ever', forge([{ client: CLIENT.fresh, structs: [garbage(2 ** 50)] }]), 'quota'],
];

describe('descriptions', () => {
  it('[G13] a reader’s replica may have tidied marks, which is an echo; never words', () => {
    const doc = descriptionOf();
    Y.applyUpdate(doc, write({ parent: TEXT, right: at(0) }, format('bold', true)));
    const inTask = { name: TASK, doc, who: mallory('viewer') };
    expect(answerTo(erase([CLIENT.fresh, [0, 1]]), inTask)).toBe('echo');
    expect(answerTo(erase([CLIENT.alice, [2, 1]], [CLIENT.fresh, [0, 1]]), inTask)).toBe('read-only');
    expect(answerTo(erase([CLIENT.fresh, [0, 1]]), { ...inTask, who: mallory('member') })).toBe('accept');
  });

  it.each(ON_DESCRIPTIONS)('[%s] %s', (_rule, _name, update, answer, who) => {
    expect(answerTo(update, { name: TASK, doc: descriptionOf(), ...(who !== undefined && { who }) })).toBe(answer);
  });
});
