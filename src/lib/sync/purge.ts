import * as Y from 'yjs';
import { readBoard, readRooms } from '../model/board.ts';
import type { InboxState } from '../model/inbox.ts';
import type { BoardId } from '../model/ids.ts';
import { boardDoc, conversationOf, parseDocName, type ConversationRef } from '../model/names.ts';
import { documentDatabase } from './catalog.ts';
import type { Documents } from './registry.ts';
import type { Host } from './host.ts';
import { deleteDatabase } from './idb.ts';
import { newLineage } from './lineage.ts';
import { LocalDocument } from './local.ts';
import { unsentText } from './unsent-text.ts';

/** Takes from this device what its person may no longer see, after keeping their own unsent words. */
export class Purge {
  readonly #host: Host & { rows(): { name: string }[] };
  readonly #documents: Documents;
  readonly #busy = new Set<string>();

  constructor(host: Host & { rows(): { name: string }[] }, documents: Documents) {
    this.#host = host;
    this.#documents = documents;
  }

  /** A board, its rooms and its tasks. */
  async board(id: BoardId): Promise<void> {
    const name = boardDoc(id);
    await this.#once(name, async () => {
      const conversations = await this.#read(name, conversationsOf);
      await this.#names(this.#namesOf(conversations), 'revoked');
      await this.#one(name, 'revoked');
    });
  }

  /** The volumes of one conversation, and a task's description. */
  async conversation(kind: 'room' | 'task' | 'thread', id: string): Promise<void> {
    const conversation: ConversationRef = kind === 'room' ? `room/${id}` : `task/${id}`;
    await this.#once(conversation, () => this.#names(this.#namesOf(new Set([conversation])), 'revoked'));
  }

  /** A document that the server does not know, and that nothing under way makes known to it. */
  async denied(name: string): Promise<void> {
    await this.#once(name, () => this.#names([name], 'not-found'));
  }

  /** Words written into a room or board that the server then would not create: they will never be accepted. */
  refusedAsks(asks: InboxState['refusedAsks']): void {
    for (const { key, reason } of asks) {
      const names = this.#host.outbox.names.filter((name) => name === key || name.startsWith(`${key}/`));
      if (names.length > 0) void this.#once(key, () => this.#names(names, reason));
    }
  }

  async #once(key: string, work: () => Promise<void>): Promise<void> {
    if (this.#busy.has(key)) return;
    this.#busy.add(key);
    try {
      await this.#host.ready;
      await work();
    } finally {
      this.#busy.delete(key);
    }
  }

  #namesOf(conversations: ReadonlySet<ConversationRef>): string[] {
    const known = new Set([
      ...this.#host.rows().map((row) => row.name),
      ...this.#documents.all().map((open) => open.name),
    ]);
    return [...known].filter((name) => {
      const parsed = parseDocName(name);
      const conversation = parsed === null ? null : conversationOf(parsed);
      return conversation !== null && conversations.has(conversation);
    });
  }

  async #names(names: readonly string[], reason: string): Promise<void> {
    for (const name of names) await this.#one(name, reason);
  }

  async #one(name: string, reason: string): Promise<void> {
    const open = this.#documents.get(name);
    if (open !== undefined) {
      await open.replace('purged', reason);
      return;
    }
    const row = this.#host.row(name);
    const before = row?.lineage ?? '';
    const waiting = this.#host.outbox.ids(name);
    const kept = await this.#read(name, (doc) => ({
      text: unsentText(doc, this.#host.me.seq, row?.confirmed ?? null),
      update: Y.encodeStateAsUpdate(doc),
    }));
    const ended = { name, reason, ...kept, waiting };
    this.#host.outbox.forget(name, waiting);
    const opened = this.#documents.get(name);
    const begun = this.#host.row(name)?.lineage ?? '';
    // Meanwhile another tab may have begun a later copy, which is its business, or this one opened the old one.
    const isMine = opened === undefined && begun === before;
    const lineage = isMine ? newLineage(Date.now(), before) : begun;
    if (isMine) {
      this.#host.began(name, lineage);
      this.#host.tabs.tell({ kind: 'swapped', name, lineage, reason, purged: true });
    }
    await this.#host.asides.keep(ended, lineage, false);
    await opened?.replace('purged', reason);
    await deleteDatabase(this.#database(name, before));
  }

  /** Reads a copy on the device, open or not. */
  async #read<T>(name: string, read: (doc: Y.Doc) => T): Promise<T> {
    const open = this.#documents.get(name);
    if (open !== undefined) return read(open.doc);
    const doc = new Y.Doc();
    const nothing = (): void => undefined;
    const store = new LocalDocument(doc, { progress: nothing, failed: nothing, recovered: nothing });
    await store.open(this.#database(name, this.#host.row(name)?.lineage ?? ''));
    const found = read(doc);
    await store.close();
    doc.destroy();
    return found;
  }

  #database(name: string, lineage: string): string {
    return documentDatabase(this.#host.me.id, name, lineage);
  }
}

function conversationsOf(doc: Y.Doc): Set<ConversationRef> {
  const { columns, archivedCards } = readBoard(doc);
  const cards = [...columns.flatMap((column) => column.cards), ...archivedCards];
  return new Set<ConversationRef>([
    ...readRooms(doc).map((room): ConversationRef => `room/${room.id}`),
    ...cards.map((card): ConversationRef => `task/${card.id}`),
  ]);
}
