/* eslint-disable svelte/prefer-svelte-reactivity -- bookkeeping behind the runes: nothing renders from these collections themselves */
import type { Awareness } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { adopt } from '../model/client-ids.ts';
import { ASK_ROOT } from '../model/inbox.ts';
import { parseDocName, type DocName } from '../model/names.ts';
import { backoff } from './backoff.ts';
import { documentDatabase } from './catalog.ts';
import { newLineage } from './lineage.ts';
import type { Host } from './host.ts';
import type { StorageReason } from './idb.ts';
import { LocalDocument } from './local.ts';
import { describe } from './outbox.svelte.ts';
import { RemoteDocument } from './remote.ts';
import type { Priority } from './slots.ts';
import type { TabMessage } from './tabs.ts';
import { unsentText } from './unsent-text.ts';

export type LocalState =
  { kind: 'opening' } | { kind: 'ready'; empty: boolean } | { kind: 'failed'; reason: StorageReason };

export type RemoteState =
  | { kind: 'detached' }
  | { kind: 'connecting' }
  | { kind: 'synced' }
  | { kind: 'absent' }
  | { kind: 'refused'; reason: string };

/** The origin of people's own transactions. */
export const LOCAL_ORIGIN = 'local';
/** The origin of what other tabs said. */
const TABS_ORIGIN = 'tabs';

const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** When something changed that may have made the document known, and the last try is a while ago. */
const SOONER_MS = 200;

/** One living copy: a Y.Doc, its rows on the device, and the changes known to be in it. */
type Copy = {
  doc: Y.Doc;
  store: LocalDocument;
  lineage: string | null;
  held: Set<string>;
  notes: number;
  end: () => void;
};

/**
 * One open document: local first, with the server whenever it can be reached. What it holds may be replaced as a whole
 * (`doc` is another one then) when the server refuses a change or takes the document away.
 */
export class OpenDocument {
  readonly name: string;
  readonly parsed: DocName;
  readonly #host: Host;
  readonly #release: () => void;
  #copy: Copy;
  #doc = $state.raw() as Y.Doc;
  #local = $state.raw<LocalState>({ kind: 'opening' });
  #remote = $state.raw<RemoteState>({ kind: 'detached' });
  #saved = $state(true);
  #onDevice = $state(false);
  #awareness = $state.raw<Awareness | null>(null);
  #connection: RemoteDocument | null = null;
  #priority: Priority = 'freshen';
  #retry: ReturnType<typeof setTimeout> | null = null;
  #retries = 0;
  #refusals = 0;
  #endedAt = 0;
  #closed = false;

  constructor(name: string, host: Host, release: () => void) {
    const parsed = parseDocName(name);
    if (parsed === null) throw new RangeError(`not the name of a document: ${name}`);
    this.name = name;
    this.parsed = parsed;
    this.#host = host;
    this.#release = release;
    this.#copy = this.#newCopy();
    this.#doc = this.#copy.doc;
    void this.#begin(this.#copy);
  }

  get doc(): Y.Doc {
    return this.#doc;
  }

  get local(): LocalState {
    return this.#local;
  }

  get remote(): RemoteState {
    return this.#remote;
  }

  /** Every change that happened so far is on this device. */
  get saved(): boolean {
    return this.#saved;
  }

  /** Every change made on this device, in any tab, has been accepted and logged by the server. */
  get sent(): boolean {
    return this.#host.outbox.of(this.name) === 0;
  }

  /** Its content has been on this device, even if that was nothing yet. */
  get onDevice(): boolean {
    return this.#onDevice;
  }

  /** Present while attached; a new one each time. */
  get awareness(): Awareness | null {
    return this.#awareness;
  }

  /** To be called once by each who opened it. */
  release(): void {
    this.#release();
  }

  /** Says how urgently someone wants it on the server's side. Only ever rises. */
  want(priority: Priority): void {
    if (priority === 'open' || this.#priority === 'freshen') this.#priority = priority;
  }

  /** Something changed that may have made it known to the server: try sooner. */
  kick(): void {
    if (this.#retry === null || this.#closed) return;
    clearTimeout(this.#retry);
    const pause = this.#endedAt + RETRY_MS - Date.now();
    this.#retry = setTimeout(() => this.#join(), Math.max(SOONER_MS, pause));
  }

  /** Makes the server say something about this document. */
  probe(): void {
    this.#connection?.probe();
  }

  receive(message: Extract<TabMessage, { name: string }>): void {
    const copy = this.#copy;
    if (message.kind === 'swapped') {
      if (copy.lineage !== null && message.lineage > copy.lineage)
        void this.replace(message.purged ? 'revoked' : 'refused', message.lineage);
      return;
    }
    if (message.lineage !== copy.lineage) return;
    if (message.kind === 'update') {
      for (const id of message.pending) copy.held.add(id);
      Y.applyUpdate(copy.doc, message.update, TABS_ORIGIN);
      return;
    }
    const pending = this.#host.outbox.ids(this.name).filter((id) => copy.held.has(id));
    const update = Y.encodeStateAsUpdate(copy.doc, message.vector);
    this.#host.tabs.tell({ kind: 'update', name: this.name, lineage: message.lineage, update, pending });
    if (message.ask) this.#greet(false);
  }

  /**
   * Sets this copy aside and begins a new one, which comes from the server. `lineage` is given when another tab did it
   * first; then only words that it did not have are kept.
   */
  async replace(why: 'revoked' | 'refused', lineage?: string, reason: string = why): Promise<void> {
    const { name, parsed } = this;
    const old = this.#copy;
    const next = lineage ?? newLineage();
    const confirmed = this.#connection?.serverVector ?? this.#host.row(name)?.confirmed ?? null;
    const text = unsentText(old.doc, this.#host.me.seq, confirmed);
    const update = Y.encodeStateAsUpdate(old.doc);
    this.#detach();
    this.#copy = this.#newCopy();
    this.#copy.lineage = next;
    this.#local = { kind: 'opening' };
    this.#onDevice = false;
    this.#saved = true;
    this.#remote = why === 'refused' ? { kind: 'refused', reason } : { kind: 'absent' };
    this.#doc = this.#copy.doc;
    const always = lineage === undefined && why === 'refused' && parsed.kind !== 'inbox';
    this.#host.outbox.forget(name);
    await this.#host.asides.keep({ name, reason, text, update }, next, always);
    this.#host.note(name, { lineage: next, rev: 0, bytes: 0, onDevice: false, confirmed: null });
    if (lineage === undefined)
      this.#host.tabs.tell({ kind: 'swapped', name, lineage: next, purged: why === 'revoked' });
    old.end();
    await Promise.all([this.#begin(this.#copy), old.store.clear()]);
  }

  /** Ends it. The copy on the device stays. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#detach();
    const copy = this.#copy;
    if (this.#onDevice) this.#host.note(this.name, { bytes: Y.encodeStateAsUpdate(copy.doc).byteLength });
    copy.end();
    await copy.store.close();
    copy.doc.destroy();
  }

  #newCopy(): Copy {
    const doc = new Y.Doc();
    const disown = adopt(doc, this.#host.me.seq);
    const store = new LocalDocument(doc, {
      progress: () => this.#progress(copy),
      failed: (reason) => {
        if (copy === this.#copy) this.#local = { kind: 'failed', reason };
      },
      recovered: () => this.#showLocal(copy),
    });
    const listen = (update: Uint8Array, origin: unknown, _doc: Y.Doc, transaction: Y.Transaction): void =>
      this.#onUpdate(copy, update, origin, transaction);
    doc.on('update', listen);
    const end = (): void => {
      doc.off('update', listen);
      disown();
    };
    const copy: Copy = { doc, store, lineage: null, held: new Set(), notes: 0, end };
    return copy;
  }

  async #begin(copy: Copy): Promise<void> {
    const { name } = this;
    await this.#host.ready;
    if (copy !== this.#copy || this.#closed) return;
    const row = this.#host.row(name);
    copy.lineage ??= row?.lineage ?? '';
    for (const id of this.#host.outbox.ids(name)) copy.held.add(id);
    if (row?.onDevice === true) this.#onDevice = true;
    await copy.store.open(documentDatabase(this.#host.me.id, name, copy.lineage));
    if (copy !== this.#copy || this.#closed) return;
    if (copy.store.failure === null && this.#local.kind === 'opening') this.#showLocal(copy);
    this.#greet(true);
    this.#join();
  }

  #showLocal(copy: Copy): void {
    if (copy !== this.#copy) return;
    const empty = copy.doc.store.clients.size === 0;
    if (!empty) this.#onDevice = true;
    this.#local = { kind: 'ready', empty };
  }

  #progress(copy: Copy): void {
    if (copy === this.#copy) this.#saved = copy.store.saved && copy.notes === 0;
  }

  /** A listener of the document: an exception here would end all saving and sending, so none may leave. */
  #onUpdate(copy: Copy, update: Uint8Array, origin: unknown, transaction: Y.Transaction): void {
    if (copy !== this.#copy) return;
    if (this.#local.kind === 'ready' && this.#local.empty) this.#local = { kind: 'ready', empty: false };
    if (transaction.local) this.#noteChange(copy, update, transaction);
    else if (origin === this.#connection) this.#host.heard(this);
  }

  #noteChange(copy: Copy, update: Uint8Array, transaction: Y.Transaction): void {
    const { roots, ...change } = describe(transaction);
    const counts = this.parsed.kind !== 'inbox' || roots.has(ASK_ROOT);
    copy.notes += 1;
    const { id, kept } = this.#host.outbox.add({ name: this.name, ...change, counts });
    copy.held.add(id);
    this.#onDevice = true;
    this.#host.note(this.name, { onDevice: true });
    if (copy.lineage !== null) {
      this.#host.tabs.tell({ kind: 'update', name: this.name, lineage: copy.lineage, update, pending: [id] });
    }
    this.#host.changed();
    void kept.then(() => {
      copy.notes -= 1;
      this.#progress(copy);
    });
  }

  #greet(ask: boolean): void {
    const { doc, lineage } = this.#copy;
    if (lineage === null) return;
    this.#host.tabs.tell({ kind: 'vector', name: this.name, lineage, vector: Y.encodeStateVector(doc), ask });
  }

  #join(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#closed) return;
    const priority = this.parsed.kind === 'inbox' ? 'always' : this.#priority;
    this.#host.slots.ask(this, priority, () => this.#attach());
  }

  #attach(): void {
    const copy = this.#copy;
    if (this.#closed || this.#connection !== null) return;
    const { endpoint, socket } = this.#host;
    const connection: RemoteDocument = new RemoteDocument(socket.transport, this.name, copy.doc, endpoint.token, {
      synced: () => this.#onSynced(copy),
      clean: () => this.#onClean(copy),
      lost: () => {
        if (this.#remote.kind === 'synced') this.#remote = { kind: 'connecting' };
      },
      closed: (reason) => this.#onEnded(connection, reason),
      failed: (reason) => this.#onEnded(connection, reason),
    });
    this.#connection = connection;
    if (this.#remote.kind === 'detached') this.#remote = { kind: 'connecting' };
    // Someone's state is what keeps an idle socket alive; the inbox is the one document that is always attached.
    if (this.parsed.kind === 'inbox') connection.awareness?.setLocalState({});
    this.#awareness = connection.awareness;
  }

  #detach(): void {
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    this.#connection?.destroy();
    this.#connection = null;
    this.#awareness = null;
    this.#host.slots.leave(this);
    if (this.#remote.kind !== 'refused') this.#remote = { kind: 'detached' };
  }

  #onSynced(copy: Copy): void {
    if (copy !== this.#copy) return;
    this.#retries = 0;
    this.#remote = { kind: 'synced' };
    this.#onDevice = true;
    this.#host.note(this.name, { onDevice: true });
    // What was lost with a damaged row has come back.
    if (this.#local.kind === 'failed' && copy.store.failure === null) {
      void copy.store.compact().then((done) => {
        if (done) this.#showLocal(copy);
      });
    }
    if (this.parsed.kind === 'inbox' || this.parsed.kind === 'board') this.#host.heard(this);
  }

  #onClean(copy: Copy): void {
    if (copy !== this.#copy) return;
    this.#refusals = 0;
    if (this.#host.outbox.of(this.name) === 0) return;
    const confirmed = Y.encodeStateVector(copy.doc);
    this.#host.note(this.name, { confirmed });
    this.#host.outbox.confirm(this.name, { vector: Y.decodeStateVector(confirmed), held: copy.held });
  }

  #onEnded(connection: RemoteDocument, reason: string): void {
    if (connection !== this.#connection || this.#closed) return;
    if (reason === 'signed-out') {
      this.#detach();
      this.#host.signedOut();
    } else if (reason === 'revoked') {
      this.#again({ kind: 'connecting' });
      this.#host.revoked(this);
    } else if (reason === 'not-found') {
      this.#again({ kind: 'absent' });
      this.#host.absent(this);
    } else if (reason.startsWith('refused:')) {
      // A second refusal in a row is not of the person's words: those are set aside. It must not turn in circles.
      this.#refusals += 1;
      if (this.#refusals > 1) this.#again({ kind: 'refused', reason: reason.slice('refused:'.length) });
      else void this.replace('refused', undefined, reason.slice('refused:'.length));
    } else {
      this.#again({ kind: 'connecting' });
    }
  }

  /** Attaches once more after a while, by a new connection. */
  #again(meanwhile: RemoteState): void {
    this.#detach();
    this.#remote = meanwhile;
    this.#endedAt = Date.now();
    this.#retry = setTimeout(() => this.#join(), backoff(this.#retries, RETRY_MS, LONGEST_RETRY_MS));
    this.#retries += 1;
  }
}
