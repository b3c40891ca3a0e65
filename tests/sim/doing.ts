import type * as Y from 'yjs';
import { readBoard } from '../../src/lib/model/board.ts';
import { type Act as Deed, can } from '../../src/lib/model/roles.ts';
import type { OpenDocument } from '../../src/lib/sync/open-document.svelte.ts';
import type { Chance } from './chance.ts';
import type { Tab } from './device.ts';
import type { Act, History } from './history.ts';

/** What an operation is given. It acts on what the tab shows, as a person does, and answers false when there is nothing. */
export type Doing = { tab: Tab; chance: Chance; history: History };
/** Something that a person can do, and how often they do it. */
export type Operation = readonly [name: string, weight: number, run: (doing: Doing) => boolean];

let words = 0;

/** Words that nobody else writes. */
export function say(chance: Chance): string {
  words += 1;
  return `w${words}-${Math.floor(chance.next() * 1e6).toString(36)}`;
}

export function resetWords(): void {
  words = 0;
}

/** Notes for the oracle what the person did there. */
export function did({ tab, history }: Doing, open: OpenDocument, act: Act): true {
  history.add(tab, open.name, boardOf(tab, open), act);
  return true;
}

function boardOf(tab: Tab, open: OpenDocument): string | null {
  if (open.parsed.kind === 'inbox') return null;
  return open.parsed.kind === 'board' ? open.parsed.id : (tab.board?.parsed.id ?? null);
}

/** As far as the tab knows. */
export function may({ tab }: Doing, deed: Deed): boolean {
  return can(tab.role, deed);
}

export function cardsOf(doc: Y.Doc): string[] {
  return readBoard(doc).columns.flatMap((column) => column.cards.map((card) => card.id));
}
