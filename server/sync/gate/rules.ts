import type * as Y from 'yjs';
import type { DocName } from '../../../src/lib/model/names.ts';
import { boardRules } from './board-rules.ts';
import { conversationRules } from './conversation-rules.ts';
import { descriptionRules } from './description-rules.ts';
import { inboxRules } from './inbox-rules.ts';
import type { Place } from './overlay.ts';
import type { Quota } from './quotas.ts';
import type { Objection, Write, Writer } from './verdict.ts';
import type { View } from './view.ts';

type Common = {
  /** Every root that an item of such a document may name, also those that only the server writes. */
  roots: readonly string[];
  /** False refuses everything new. */
  mayWrite: boolean;
  quota: Quota;
};

/** A document whose roots are maps of plain values: the key says whose it is. */
export type MapRules = Common & {
  shape: 'map';
  /** Null when this person may write and delete under the key. */
  key(root: string, key: string): Objection | null;
  /** Null when this person may write the value there, under that clientID. Never undefined. */
  value(root: string, key: string, value: unknown, client: number): Objection | null;
  /**
   * Null when this person may leave the key without a value; 'incomplete' where only a new value takes
   * the old one's place, so that honest deletions come with it, if perhaps in another update.
   */
  retract(root: string, key: string): Objection | 'incomplete' | null;
  /** True for a key that is written once and never again. */
  isFinal(root: string, key: string): boolean;
  /** Null while the document has place for what this update changes, once all of that is otherwise right. */
  crowded(view: View, writes: readonly Write[]): Objection | null;
};

/** A document that is one tree of rich text: who may write may write anywhere. */
export type TreeRules = Common & {
  shape: 'tree';
  /** Null when such an item may stand there. */
  item(item: Y.Item, place: Place): Objection | null;
};

export type Rules = MapRules | TreeRules;

/** What this person may write into this document. */
export function rulesFor(name: DocName, who: Writer): Rules {
  switch (name.kind) {
    case 'board':
      return boardRules(who);
    case 'room':
    case 'thread':
      return conversationRules(who);
    case 'task':
      return descriptionRules(who);
    case 'inbox':
      return inboxRules(name.id, who);
  }
}
