import * as Y from 'yjs';
import { description } from '../../src/lib/model/task.ts';
import type { Chance } from './chance.ts';
import { type Operation, did, may, say } from './doing.ts';

/** What people write in a task’s description. */
export const DESCRIPTION: readonly Operation[] = [
  [
    'write in a description',
    5,
    (doing) => {
      const open = doing.tab.task;
      if (open === null || !may(doing, 'editCards')) return false;
      const token = `‹${say(doing.chance)}›`;
      doing.tab.change(open, (doc) => writeToken(doc, token, doing.chance));
      return did(doing, open, { kind: 'write', task: open.parsed.id, token });
    },
  ],
  [
    'erase in a description',
    2,
    (doing) => {
      const open = doing.tab.task;
      if (open === null || !may(doing, 'editCards')) return false;
      const token = doing.tab.change(open, (doc) => eraseToken(doc, doing.chance));
      return token !== null && did(doing, open, { kind: 'erase', task: open.parsed.id, token });
    },
  ],
];

function paragraphs(doc: Y.Doc): Y.XmlText[] {
  const blocks: unknown[] = description(doc).toArray();
  const children: unknown[] = blocks.flatMap((block) => (block instanceof Y.XmlElement ? block.toArray() : []));
  return children.filter((child): child is Y.XmlText => child instanceof Y.XmlText);
}

function wordsOf(text: Y.XmlText): string {
  const delta = text.toDelta() as { insert: string }[];
  return delta.map(({ insert }) => insert).join('');
}

function writeToken(doc: Y.Doc, token: string, chance: Chance): void {
  const text = chance.is(0.7) ? chance.pickOr(paragraphs(doc)) : null;
  if (text !== null) {
    const ends = [...wordsOf(text).matchAll(/›/g)].map((end) => end.index + 1);
    text.insert(chance.pick([0, ...ends]), token);
    return;
  }
  const paragraph = new Y.XmlElement('paragraph');
  paragraph.insert(0, [new Y.XmlText(token)]);
  const root = description(doc);
  root.insert(chance.int(0, root.length), [paragraph]);
}

function eraseToken(doc: Y.Doc, chance: Chance): string | null {
  const text = chance.pickOr(paragraphs(doc));

  const match = text === null ? null : /‹[^‹›]*›/.exec(wordsOf(text));
  if (text === null || match === null) return null;
  text.delete(match.index, match[0].length);
  return match[0];
}
