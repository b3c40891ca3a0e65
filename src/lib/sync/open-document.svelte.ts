import * as Y from 'yjs';
import { HINTS } from '../model/hints.ts';
import { ASK_ROOT } from '../model/inbox.ts';
import { parseDocName, type DocName } from '../model/names.ts';
import { Attachment } from './attachment.ts';
import { documentDatabase } from './catalog.ts';
import { Copy } from './copy.ts';
import type { Host } from './host.ts';
import type { StorageReason } from './idb.ts';
import { newLineage } from './lineage.ts';
import type { QuietAwareness } from './quiet-awareness.ts';
import { describe } from './outbox.svelte.ts';
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
const REFUSED = 'refused:';

/**
 * One open document: local first, with the server whenever it can be reached. What it holds may be replaced as a whole
 * (`doc` is another one then) when the server refuses a change or takes the document away.
 */
export class OpenDocument {
  readonly name: string;
  readonly parsed: DocName;
  readonly #host: Host;
  readonly #release: () => void;
  readonly #attachment: Attachment;
  #copy: Copy;
  #doc = $state.raw() as Y.Doc;
  #local = $state.raw<LocalState>({ kind: 'opening' });
  #remote = $state.raw<RemoteState>({ kind: 'detached' });
  #saved = $state(true);
  #onDevice = $state(false);
  #here = $state(false);
  #awareness = $state.raw<QuietAwareness | null>(null);
  /** Refusals since the server last had everything. */
  #refusals = 0;
  #closed = false;

  constructor(name: string, host: Host, priority: Priority, release: () => void) {
    const parsed = parseDocName(name);
    if (parsed === null) throw new RangeError(`no document: ${name}`);
    this.name = name;
    this.parsed = parsed;
    this.#host = host;
    this.#release = release;
    this.#attachment = new Attachment(name, host, parsed.kind === 'inbox' ? 'always' : priority, {
      connection: (connection) => {
        this.#awareness = connection?.presence ?? null;
        if (connection === null) this.#setRemote('detached');
        else if (this.#remote.kind === 'detached') this.#setRemote('connecting');
      },
      synced: () => this.#onSynced(),
      clean: () => this.#onClean(),
      lost: () => {
        if (this.#remote.kind === 'synced') this.#setRemote('connecting');
      },
      ended: (reason) => this.#onEnded(reason),
    });
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

  /** `absent` is said only of what the server denies and nothing under way here may still create. */
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

  /** Its content is in this tab, from this device or from the server, and stays when both fail. */
  get readable(): boolean {
    return this.#remote.kind === 'synced' || this.#here || (this.#local.kind === 'ready' && this.#onDevice);
  }

  /** Holds changes that are nowhere else: neither on this device nor on the server. */
  get holdsTheOnlyCopy(): boolean {
    return !this.#closed && !this.#saved && !this.sent;
  }

  /** Present while attached; a new one each time. */
  get awareness(): QuietAwareness | null {
    return this.#awareness;
  }

  /** To be called once by each who opened it. */
  release(): void {
    this.#release();
  }

  want(priority: Priority): void {
    this.#attachment.want(priority);
  }

  kick(): void {
    this.#attachment.kick();
  }

  /** Tries the device's storage again at once, if it has failed; the catalog is there by now, or is not to be waited for. */
  async tryStorage(): Promise<void> {
    const copy = this.#copy;
    if (copy.store.failure === null || this.#closed) return;
    if (copy.stored) await copy.store.retry();
    else if (this.#host.catalog.failure === null) await this.#fromDevice(copy);
  }

  /** Makes the server say something about this document. */
  probe(): void {
    this.#attachment.connection?.probe();
  }

  /** Makes the server give a sign of life, for next to nothing. */
  ask(): void {
    this.#attachment.connection?.ask();
  }

  /** Another tab has spoken of this document. */
  receive(message: Extract<TabMessage, { name: string }>): void {
    const copy = this.#copy;
    if (message.kind === 'swapped') {
      if (copy.lineage !== null && message.lineage > copy.lineage) {
        void this.replace(message.purged ? 'purged' : 'refused', message.reason, message.lineage);
      }
    } else if (message.lineage !== copy.lineage) {
      return;
    } else if (message.kind === 'update') {
      copy.holdAll(message.pending);
      Y.applyUpdate(copy.doc, message.update, TABS_ORIGIN);
    } else {
      const pending = this.#host.outbox.ids(this.name).filter((id) => copy.held.has(id));
      const update = Y.encodeStateAsUpdate(copy.doc, message.vector);
      this.#host.tabs.tell({ kind: 'update', name: this.name, lineage: message.lineage, update, pending });
      if (message.ask) this.#greet(copy, false);
    }
  }

  /**
   * Keeps what is unsent of this copy aside, with the reason, and begins a new one: from the server after a refusal,
   * empty after a purge. `lineage` is given when another tab did it first; only words that it lacked are kept then.
   */
  async replace(how: 'refused' | 'purged', reason: string, lineage?: string): Promise<void> {
    const { name } = this;
    const old = this.#copy;
    const next = lineage ?? newLineage(Date.now(), old.lineage ?? '');
    const confirmed = this.#attachment.connection?.serverVector ?? this.#host.row(name)?.confirmed ?? null;
    const waiting = this.#host.outbox.ids(name);
    const text = unsentText(old.doc, this.#host.me.seq, confirmed);
    const update = Y.encodeStateAsUpdate(old.doc);
    this.#attachment.leave();
    const copy = this.#newCopy();
    copy.lineage = next;
    this.#copy = copy;
    this.#local = { kind: 'opening' };
    this.#onDevice = false;
    this.#here = false;
    this.#saved = true;
    this.#host.faults.report(name, null);
    this.#remote = how === 'refused' ? { kind: 'refused', reason } : { kind: 'absent' };
    this.#doc = copy.doc;
    this.#host.outbox.forget(name, waiting);
    this.#host.began(name, next);
    if (lineage === undefined) {
      this.#host.tabs.tell({ kind: 'swapped', name, lineage: next, reason, purged: how === 'purged' });
    }
    const always = lineage === undefined && how === 'refused';
    const kept = await this.#host.asides.keep({ name, reason, text, update, waiting }, next, always);
    // Words that storage does not take are safer in the old rows than nowhere, unless they may not stay.
    await Promise.all([this.#begin(copy), kept || how === 'purged' ? old.clear() : old.close()]);
  }

  /** Ends it. The copy on the device stays. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#attachment.leave();
    this.#host.faults.report(this.name, null);
    if (this.#onDevice) this.#host.note(this.name, { bytes: Y.encodeStateAsUpdate(this.#copy.doc).byteLength });
    await this.#copy.close();
  }

  #newCopy(): Copy {
    const copy: Copy = new Copy(
      this.#host,
      {
        progress: () => this.#progress(copy),
        failed: (reason) => {
          if (copy !== this.#copy) return;
          if (this.#local.kind === 'ready' && this.#onDevice) this.#here = true;
          this.#local = { kind: 'failed', reason };
          this.#host.faults.report(this.name, reason);
        },
        recovered: () => this.#showLocal(copy),
        mayRemake: () => this.#mayRemake(copy),
      },
      (...update) => this.#onUpdate(...update),
    );
    this.#noteHints(copy);
    return copy;
  }

  /** Words may be written before those of earlier are read, in the very moment in which the document opens. */
  #noteHints(copy: Copy): void {
    HINTS.set(copy.doc, Math.max(0, ...this.#host.outbox.rowsOf(this.name).map(({ hint }) => hint ?? 0)));
  }

  async #begin(copy: Copy): Promise<void> {
    await this.#host.ready;
    this.#noteHints(copy);
    if (copy !== this.#copy || this.#closed) return;
    const { failure } = this.#host.catalog;
    // Without the catalog nobody knows which rows are the living ones.
    if (failure !== null) copy.lineage ??= this.#host.row(this.name)?.lineage ?? '';
    if (failure !== null) copy.store.refuse(failure);
    else await this.#fromDevice(copy);
    if (copy !== this.#copy || this.#closed) return;
    this.#greet(copy, true);
    this.#attachment.join(copy.doc);
  }

  /** Takes in what this device holds, and stores from now on. */
  async #fromDevice(copy: Copy): Promise<void> {
    const row = this.#host.row(this.name);
    copy.lineage = row?.lineage ?? copy.lineage ?? '';
    copy.stored = true;
    const waiting = this.#host.outbox.rowsOf(this.name);
    if (row?.onDevice === true) this.#onDevice = true;
    await copy.store.open(documentDatabase(this.#host.me.id, this.name, copy.lineage));
    copy.hold(waiting);
    if (copy !== this.#copy || this.#closed) return;
    if (copy.store.failure === null && this.#local.kind === 'opening') this.#showLocal(copy);
  }

  async #mayRemake(copy: Copy): Promise<boolean> {
    if (!this.#host.mayRemake()) return false;
    await this.#host.refresh();
    return copy === this.#copy && copy.lineage === (this.#host.row(this.name)?.lineage ?? '');
  }

  #setRemote(kind: 'detached' | 'connecting' | 'synced' | 'absent'): void {
    // What was refused stays said until the document has come afresh.
    if (this.#remote.kind !== 'refused' || kind === 'synced') this.#remote = { kind };
  }

  #showLocal(copy: Copy): void {
    if (copy !== this.#copy) return;
    if (!copy.empty) this.#onDevice = true;
    this.#local = { kind: 'ready', empty: copy.empty };
    this.#host.faults.report(this.name, null);
  }

  #progress(copy: Copy): void {
    if (copy === this.#copy) this.#saved = copy.saved;
  }

  #onUpdate(copy: Copy, update: Uint8Array, origin: unknown, transaction: Y.Transaction): void {
    if (copy !== this.#copy) return;
    if (this.#local.kind === 'ready' && this.#local.empty) this.#showLocal(copy);
    if (transaction.local) this.#noteChange(copy, update, transaction);
    else if (origin === this.#attachment.connection) this.#host.heard(this, transaction);
  }

  /** The person changed something here: it waits until the server has it. */
  #noteChange(copy: Copy, update: Uint8Array, transaction: Y.Transaction): void {
    const { roots, ...change } = describe(transaction);
    const counts = this.parsed.kind !== 'inbox' || roots.has(ASK_ROOT);
    copy.notes += 1;
    const { id, kept } = this.#host.outbox.add({ name: this.name, ...change, counts });
    copy.held.add(id);
    this.#noteHere(copy);
    if (copy.lineage !== null) {
      this.#host.tabs.tell({ kind: 'update', name: this.name, lineage: copy.lineage, update, pending: [id] });
    }
    this.#host.changed();
    void kept.then(() => {
      copy.notes -= 1;
      this.#progress(copy);
    });
  }

  /** The tab that began this copy may have died before it could say so to the device. */
  #noteHere({ lineage }: Copy): void {
    this.#onDevice = true;
    this.#here = true;
    this.#host.note(this.name, lineage === null ? { onDevice: true } : { onDevice: true, lineage });
  }

  #greet({ doc, lineage }: Copy, ask: boolean): void {
    if (lineage === null) return;
    this.#host.tabs.tell({ kind: 'vector', name: this.name, lineage, vector: Y.encodeStateVector(doc), ask });
  }

  #onSynced(): void {
    const copy = this.#copy;
    this.#setRemote('synced');
    this.#noteHere(copy);
    // What was lost with a damaged row has come back.
    if (this.#local.kind === 'failed' && copy.store.failure === null) {
      void copy.store.compact().then((done) => {
        if (done) this.#showLocal(copy);
      });
    }
    this.#host.heard(this);
  }

  #onClean(): void {
    const copy = this.#copy;
    this.#refusals = 0;
    if (this.#host.outbox.of(this.name) === 0) return;
    const confirmed = Y.encodeStateVector(copy.doc);
    this.#host.note(this.name, { confirmed });
    this.#host.outbox.confirm(this.name, { vector: Y.decodeStateVector(confirmed), held: copy.held });
    this.#tellLost(copy);
    this.#host.confirmed(this);
  }

  /** What stood in a damaged row, and neither another tab nor the server has. */
  #tellLost(copy: Copy): void {
    const lost = this.#host.outbox.rowsOf(this.name).filter(({ id }) => copy.missing.has(id));
    if (lost.length === 0) return;
    copy.missing.clear();
    const ids = lost.map(({ id }) => id);
    this.#host.outbox.drop(this.name, ids);
    this.#host.faults.lose(lost.filter(({ counts }) => counts).length);
  }

  #onEnded(reason: string): void {
    if (reason === 'signed-out') {
      this.#attachment.leave();
      this.#host.signedOut();
      return;
    }
    if (reason.startsWith(REFUSED)) {
      this.#onRefused(reason.slice(REFUSED.length));
      return;
    }
    this.#attachment.again();
    if (reason === 'not-found' && !this.#host.mayAppear(this)) {
      this.#setRemote('absent');
      this.#host.absent(this);
    } else {
      this.#setRemote('connecting');
    }
    if (reason === 'revoked') this.#host.revoked(this);
  }

  #onRefused(reason: string): void {
    this.#refusals += 1;
    // A second refusal in a row, with nothing that waits, is not of the person's words: it must not turn in circles.
    if (this.#refusals > 1 && this.sent) {
      this.#attachment.again();
      this.#remote = { kind: 'refused', reason };
    } else {
      void this.replace('refused', reason);
    }
  }
}
