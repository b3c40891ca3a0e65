import { describe, expect } from 'vitest';
import { newId } from '../../src/lib/model/ids.ts';
import { ASKS_OPEN } from '../../src/lib/model/limits.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { any, forge, format, garbage, item, text, type, type Id } from '../fuzz/gate-forge.ts';
import type { Person } from '../harness/people.ts';
import { call, makeBoard, makeRoom } from '../harness/people.ts';
import { Ground } from './ground.ts';
import { Arena } from './harness.ts';

/** Updates that are allowed, or nearly so, and cost as much as their author could make them cost. */
type Bomb = [name: string, answer: string, make: (g: Ground) => Uint8Array[]];
type Place = { board: string; room: string; column: string; task: string };

const arena = new Arena();
const STORED = 'stored';
const askForRoom = () => item({ parent: 'ask', key: `room/${newId()}` }, any({ board: newId(), name: 'x' }));
const times = <T>(count: number, make: (i: number) => T): T[] => Array.from({ length: count }, (_, i) => make(i));

const messages = (g: Ground, count: number, x: string): Uint8Array =>
  forge([{ client: g.mine, structs: times(count, () => item({ parent: 'm', key: g.slot() }, any({ x }))) }]);

const CONVERSATION: Bomb[] = [
  [
    'one key overwritten 3,900 times',
    STORED,
    (g) => {
      const key = g.slot();
      const at = (i: number): Id => [g.mine, i - 1];
      return [
        forge([
          {
            client: g.mine,
            structs: times(3_900, (i) =>
              item(i === 0 ? { parent: 'm', key } : { origin: at(i) }, any({ x: String(i) })),
            ),
          },
        ]),
      ];
    },
  ],
  [
    'one key written 3,900 times from its beginning',
    'refused:too-large',
    (g) => {
      const key = g.slot();
      return [forge([{ client: g.mine, structs: times(3_900, () => item({ parent: 'm', key }, any({ x: 'w' }))) }])];
    },
  ],
  ['30 messages of 330 mentions', STORED, (g) => [messages(g, 30, `<@${g.me.id}>`.repeat(330))]],
  [
    '400 clientIDs',
    STORED,
    (g) => [
      forge(
        times(400, (i) => ({ client: g.mine + i, structs: [item({ parent: 'm', key: g.slot() }, any({ x: 'w' }))] })),
      ),
    ],
  ],
  ['1,500 messages that mention everybody', STORED, (g) => [messages(g, 1_500, '<@!board> <@!room> <@!here>')]],
  ['3,900 messages at once', STORED, (g) => [messages(g, 3_900, 'words')]],
];

/** A paragraph with a text in it, at the clocks 0 and 1 of the attacker. */
const paragraph = (g: Ground) => [
  item({ parent: 'desc' }, type(3, 'paragraph')),
  item({ parent: [g.mine, 0] }, type(6)),
];
const letters = (g: Ground, count: number) =>
  times(count, (i) => item(i === 0 ? { parent: [g.mine, 1] } : { origin: [g.mine, i + 1] }, text('x')));

const DESCRIPTION: Bomb[] = [
  [
    '20,000 letters one by one',
    STORED,
    (g) => [forge([{ client: g.mine, structs: [...paragraph(g), ...letters(g, 20_000)] }])],
  ],
  [
    '20,000 letters, then 10,000 of them deleted one by one',
    STORED,
    (g) => [
      forge([{ client: g.mine, structs: [...paragraph(g), ...letters(g, 20_000)] }]),
      forge([], [[g.mine, ...times(10_000, (i) => [2 + 2 * i, 1] as const)]]),
    ],
  ],
  ['59,000 pieces of garbage', STORED, (g) => [forge([{ client: g.mine, structs: times(59_000, () => garbage(1)) }])]],
  [
    '8,000 marks between letters',
    STORED,
    (g) => {
      const structs = [...paragraph(g), item({ parent: [g.mine, 1] }, text('x'))];
      for (let i = 0; i < 8_000; i++) {
        const mark = i % 2 === 0 ? format('bold', {}) : i % 4 === 1 ? text('y') : format('bold', null);
        structs.push(item({ origin: [g.mine, structs.length - 1] }, mark));
      }
      return [forge([{ client: g.mine, structs }])];
    },
  ],
  [
    '8,000 marks in one place',
    STORED,
    (g) => {
      const structs = [...paragraph(g), item({ parent: [g.mine, 1] }, text('x'))];
      for (let i = 0; i < 8_000; i++) {
        structs.push(item({ origin: [g.mine, structs.length - 1] }, format(i % 2 === 0 ? 'bold' : 'italic', {})));
      }
      return [forge([{ client: g.mine, structs }])];
    },
  ],
  [
    '8,000 marks in one place, and one more letter for each of ten updates',
    STORED,
    (g) => {
      const structs = [...paragraph(g), item({ parent: [g.mine, 1] }, text('x'))];
      for (let i = 0; i < 8_000; i++) {
        structs.push(item({ origin: [g.mine, structs.length - 1] }, format('bold', i % 2 === 0 ? {} : null)));
      }
      const end = structs.length - 1;
      const one = (i: number) => item({ origin: [g.mine, end + i] }, format('code', i % 2 === 0 ? {} : null));
      return [
        forge([{ client: g.mine, structs }]),
        ...times(10, (i) => forge([{ client: g.mine, clock: end + 1 + i, structs: [one(i)] }])),
      ];
    },
  ],
  [
    'items in each other’s way, as many as are allowed',
    STORED,
    (g) => {
      const start = [
        ...paragraph(g),
        item({ parent: [g.mine, 1] }, text('a')),
        item({ origin: [g.mine, 2] }, text('b')),
      ];
      const [a, b]: Id[] = [
        [g.mine, 2],
        [g.mine, 3],
      ];
      if (a === undefined || b === undefined) return [];
      const chain = times(500, (i) => item({ origin: i === 0 ? a : [g.alsoMine, i - 1], right: b }, text('y')));
      const same = times(500, () => item({ origin: a, right: b }, text('z')));
      return [
        forge([{ client: g.mine, structs: start }]),
        forge([
          { client: g.alsoMine, structs: chain },
          { client: g.mine, clock: 4, structs: same },
        ]),
      ];
    },
  ],
  [
    '9,000 paragraphs',
    STORED,
    (g) => [
      forge([
        {
          client: g.mine,
          structs: times(9_000, (i) => item(i === 0 ? { parent: 'desc' } : { origin: [g.mine, i - 1] }, type(3, 'p'))),
        },
      ]),
    ],
  ],
  [
    '90 towers of 90 levels, then all of them deleted',
    STORED,
    (g) => [
      forge([
        {
          client: g.mine,
          structs: times(8_100, (i) =>
            item(
              i % 90 > 0 ? { parent: [g.mine, i - 1] } : i === 0 ? { parent: 'desc' } : { origin: [g.mine, i - 90] },
              type(3, 'p'),
            ),
          ),
        },
      ]),
      forge([], [[g.mine, [0, 8_100]]]),
    ],
  ],
];

const BOARD: Bomb[] = [
  [
    '1,500 cards',
    STORED,
    (g) => [
      forge([
        {
          client: g.mine,
          structs: times(1_500, () => {
            const id = newId();
            return [
              item({ parent: 'b', key: `card/${id}/title` }, any('x')),
              item({ parent: 'b', key: `card/${id}/by` }, any(g.me.id)),
            ];
          }).flat(),
        },
      ]),
    ],
  ],
  [
    'one title written 10,000 times',
    STORED,
    (g) => [
      forge([
        {
          client: g.mine,
          structs: times(10_000, (i) =>
            item(i === 0 ? { origin: g.at('b', 'title') } : { origin: [g.mine, i - 1] }, any('x')),
          ),
        },
      ]),
    ],
  ],
];

const INBOX: Bomb[] = [
  [
    '2,500 drafts',
    STORED,
    (g) => [
      forge([
        { client: g.mine, structs: times(2_500, () => item({ parent: 'drafts', key: `room/${newId()}` }, any('x'))) },
      ]),
    ],
  ],
  [
    'as many asks as may wait, for rooms that cannot be',
    STORED,
    (g) => [forge([{ client: g.mine, structs: times(ASKS_OPEN, askForRoom) }])],
  ],
  [
    '1,000 asks for a room that cannot be',
    'refused:too-many',
    (g) => [forge([{ client: g.mine, structs: times(1_000, askForRoom) }])],
  ],
];

const FAMILIES: [family: string, document: (place: Place, me: Person) => string, bombs: Bomb[]][] = [
  ['a description', ({ task }) => taskDoc(task), DESCRIPTION],
  ['a board', ({ board }) => boardDoc(board), BOARD],
  ['an inbox', (_place, me) => inboxDoc(me.id), INBOX],
  // Last: volumes that overflow keep the jobs busy for a while.
  ['a conversation', ({ room }) => volumeDoc(`room/${room}`, 1), CONVERSATION],
];

/** A board of the attacker's own: what is stored there is nobody else's. */
async function ownPlace(me: Person): Promise<Place> {
  const post = (path: string, body: unknown) => call<{ id: string }>(arena.server, me, 'POST', path, body);
  const board = await makeBoard(arena.server, me, 'Quarry');
  const room = await makeRoom(arena.server, me, board, 'Pit');
  const { id: column } = await post(`/boards/${board}/columns`, { title: 'To do' });
  const { id: task } = await post(`/boards/${board}/tasks`, { column, title: 'Dig' });
  return { board, room, column, task };
}

describe.each(FAMILIES)('%s', (_family, document, bombs) => {
  for (const [name, answer, make] of bombs) {
    arena.attack(
      `[S42] ${name}`,
      async ({ people }) => {
        const me = await arena.newcomer();
        const attacker = await arena.enter(me);
        const ground = await Ground.explore(attacker, document(await ownPlace(me), me), people);
        let last = STORED;
        for (const update of make(ground)) {
          if (last === STORED) last = await attacker.put(ground.name, update, { step2: true });
        }
        expect(last).toBe(answer);
        // Whoever opens it next pays for it, and again whoever comes when it is no longer in memory.
        attacker.ws.close();
        await attacker.closed();
        const later = await arena.enter(me);
        await later.fetch(ground.name);
      },
      { timeout: 120_000 },
    );
  }
});
