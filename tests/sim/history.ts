import type { Group } from '../../src/lib/model/mentions.ts';
import type { Clock } from './clock.ts';
import type { Tab } from './device.ts';

/** What the person did, as plainly as it can be said. The oracle knows nothing else of what should be there. */
export type Act =
  | { kind: 'send'; ref: string; mid: string; text: string; mentions: string[]; groups?: Group[] }
  | {
      kind: 'edit';
      ref: string;
      author: string;
      mid: string;
      text: string;
      mentions: string[];
      groups?: Group[];
    }
  | { kind: 'delete'; ref: string; author: string; mid: string }
  | { kind: 'moderate'; ref: string; author: string; mid: string }
  | { kind: 'restore'; ref: string; author: string; mid: string }
  | { kind: 'react'; ref: string; author: string; mid: string; emojis: string[] }
  | { kind: 'column'; board: string; id: string; title: string }
  | { kind: 'card'; board: string; id: string; title: string }
  | { kind: 'card-title'; board: string; id: string; title: string }
  | { kind: 'board'; board: string; what: string }
  | { kind: 'assign'; board: string; id: string; who: string; on: boolean }
  | { kind: 'archive'; board: string; id: string; on: boolean }
  | { kind: 'write'; task: string; token: string }
  | { kind: 'erase'; task: string; token: string }
  | { kind: 'read'; ref: string; seq: number }
  | { kind: 'read-one'; id: number }
  | { kind: 'read-all'; upTo: number }
  | { kind: 'sort'; id: number; as: 'done' | 'snoozed' | 'inbox' | 'unread' }
  | { kind: 'draft'; ref: string; text: string }
  | { kind: 'pref'; key: string; value: string | number | boolean }
  | { kind: 'ask-board'; id: string; title: string }
  | { kind: 'ask-room'; board: string; id: string; name: string; private?: true }
  | { kind: 'wish'; room: string; field: string; value: string | boolean }
  | { kind: 'wish-person'; room: string; user: string; inside: boolean };

/**
 * - `waiting`: not known to be stored anywhere but in the tab
 * - `saved`: the device said so
 * - `sent`: the client said that the server has it
 * - `aside`: kept aside for its writer, after a refusal or a removal
 * - `maybe`: the tab died before the device said anything: nothing was promised
 */
export type Fate = 'waiting' | 'saved' | 'sent' | 'aside' | 'maybe';

export type Entry = {
  nth: number;
  at: number;
  person: string;
  device: string;
  tab: Tab;
  doc: string;
  /** The board that the document belongs to, when the tab knows. */
  board: string | null;
  act: Act;
  fate: Fate;
  /** When its tab was told that the server has it. */
  sentAt: number | null;
};

/** How long after an act the device is asked whether it has it. */
const ASK_MS = [8, 60];

/** What everyone did, and what became of it as far as they were told. */
export class History {
  readonly entries: Entry[] = [];
  /** Reasons for which clients set something aside: `person doc reason`. */
  readonly asides: { person: string; doc: string; reason: string; at: number }[] = [];
  /** Hears of everything that a client sets aside. */
  onAside: (line: string) => void = () => undefined;
  readonly #open = new Map<string, Set<Entry>>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(tab: Tab, doc: string, board: string | null, act: Act): Entry {
    const { person, name: device } = tab.device;
    const entry: Entry = {
      nth: this.entries.length,
      at: this.#clock.now,
      person: person.id,
      device,
      tab,
      doc,
      board,
      act,
      fate: 'waiting',
      sentAt: null,
    };
    this.entries.push(entry);
    const set = this.#open.get(doc) ?? new Set<Entry>();
    this.#open.set(doc, set.add(entry));
    for (const wait of ASK_MS) this.#clock.at(tab.owner, wait, () => this.#ask(entry));
    // A tab may know at once: an act that changed nothing never waits.
    this.#clock.at(tab.owner, 0, () => {
      if (tab.client.outbox.of(doc) === 0) this.#told(tab, doc);
    });
    return entry;
  }

  /** Listens to what the client of a tab says of its outbox. */
  follow(tab: Tab): void {
    const { outbox } = tab.client;
    const { changed } = outbox;
    let forgetting = false;
    outbox.changed = (name) => {
      if (!forgetting && outbox.of(name) === 0) this.#told(tab, name);
      changed(name);
    };
    const forget = outbox.forget.bind(outbox);
    outbox.forget = (name, ids) => {
      forgetting = true;
      forget(name, ids);
      forgetting = false;
      this.#forgotten(tab, name);
    };
    const keep = tab.client.asides.keep.bind(tab.client.asides);
    tab.client.asides.keep = (copy, lineage, always) => {
      const { name: doc, reason } = copy;
      this.onAside(`${tab.owner.name} sets ${doc} aside: ${reason} ${JSON.stringify(copy.text)}`);
      this.asides.push({ person: tab.me, doc, reason, at: this.#clock.now });
      return keep(copy, lineage, always);
    };
  }

  crashed(tab: Tab): void {
    for (const entries of this.#open.values()) {
      for (const entry of entries) {
        if (entry.tab !== tab || entry.fate !== 'waiting') continue;
        this.#ask(entry);
        if (entry.fate === 'waiting') entry.fate = 'maybe';
      }
    }
  }

  #ask(entry: Entry): void {
    if (entry.fate !== 'waiting') return;
    const open = entry.tab.client.documents.get(entry.doc);
    if (open?.saved === true && open.local.kind === 'ready') entry.fate = 'saved';
  }

  #told(tab: Tab, doc: string): void {
    const entries = this.#open.get(doc) ?? [];
    for (const entry of entries) {
      if (entry.tab !== tab || entry.fate === 'aside') continue;
      entry.fate = 'sent';
      entry.sentAt = this.#clock.now;
      this.#open.get(doc)?.delete(entry);
    }
  }

  #forgotten(tab: Tab, doc: string): void {
    for (const entry of this.#open.get(doc) ?? []) {
      if (entry.device !== tab.device.name || entry.fate === 'sent') continue;
      entry.fate = 'aside';
      this.#open.get(doc)?.delete(entry);
    }
  }
}
