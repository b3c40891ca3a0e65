import { expect } from 'vitest';
import * as prng from 'lib0/prng';
import * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../../src/lib/model/client-ids.ts';
import type { DocName } from '../../src/lib/model/names.ts';
import { judge } from '../../server/sync/gate/judge.ts';
import { Overlay, type DecodedUpdate } from '../../server/sync/gate/overlay.ts';
import type { Verdict, Writer } from '../../server/sync/gate/verdict.ts';
import { changesOf, copyOf, docOf, sorted } from './gate-contents.ts';

export type Random = prng.PRNG;

type Pending = { update: Uint8Array; structs: DecodedUpdate | null };
type Message = { update: Uint8Array; step2: boolean };

/** One document on the server: the gate, a log that is slow, and the tabs that are connected. */
export class Hub {
  readonly name: DocName;
  readonly random: Random;
  doc = new Y.Doc();
  readonly overlay = new Overlay();
  readonly tabs = new Set<Tab>();
  /** Called with every accepted update before it is applied to anything: what a fuzzer starts from. */
  onAccept: (message: Message, who: Writer, doc: Y.Doc) => void = () => {};
  readonly counts = { accept: 0, echo: 0, awaited: 0, defer: 0 };
  /** What the document will be once all that is pending is applied. */
  #ahead = new Y.Doc();
  #pending: Pending[] = [];
  /** What the log holds: a snapshot, then every update since. */
  #log: Uint8Array[] = [];

  constructor(name: DocName, random: Random) {
    this.name = name;
    this.random = random;
    this.#listen();
  }

  receive(tab: Tab, message: Message): void {
    const { who } = tab.device;
    const input = { name: this.name, who, ...message };
    const verdict = judge({ ...input, doc: this.doc, overlay: this.overlay });
    const later = judge({ ...input, doc: this.#ahead, overlay: new Overlay() });
    if (this.name.kind !== 'task' || !addsNothing(verdict)) {
      expect(summary(verdict), 'judged before application as after it').toEqual(summary(later));
    }
    switch (verdict.kind) {
      case 'accept':
        this.counts.accept++;
        this.onAccept(message, who, this.#ahead);
        expect(changesOf(this.name, this.#ahead, message.update), 'writes are what changed').toEqual(
          sorted(verdict.writes),
        );
        this.#pending.push({ update: message.update, structs: verdict.structs });
        this.overlay.add(verdict.structs);
        break;
      case 'echo': {
        const applied = judge({ ...input, doc: this.doc, overlay: new Overlay() });
        expect(applied.kind !== 'echo', 'awaits what is not applied').toBe(verdict.awaits);
        this.counts.echo++;
        if (verdict.awaits) this.counts.awaited++;
        break;
      }
      case 'defer':
        this.counts.defer++;
        tab.answer();
        break;
      case 'refuse':
        throw new Error(`refused ${who.id}: ${verdict.code}, ${verdict.why}`);
    }
  }

  /** A write of the server itself, which the gate never sees. */
  write(fn: (doc: Y.Doc) => void): void {
    const updates: Uint8Array[] = [];
    const note = (update: Uint8Array): number => updates.push(update);
    this.#ahead.clientID = mintClientId(SERVER_SEQ, prng.uint32(this.random, 1, 2 ** 32 - 1));
    this.#ahead.on('update', note);
    this.#ahead.transact(() => fn(this.#ahead));
    this.#ahead.off('update', note);
    for (const update of updates) this.#pending.push({ update, structs: null });
  }

  /** The log has stored so many of what is pending. */
  commit(count = this.#pending.length): void {
    for (const { update, structs } of this.#pending.splice(0, count)) {
      this.#log.push(update);
      Y.applyUpdate(this.doc, update);
      if (structs !== null) this.overlay.remove(structs);
    }
    expect(this.doc.store.pendingStructs).toBeNull();
    expect(this.doc.store.pendingDs).toBeNull();
  }

  /** The log could not store what is pending: nothing of it was applied, and everybody is cut off. */
  fail(): void {
    this.#pending = [];
    this.overlay.clear();
    for (const tab of [...this.tabs]) tab.disconnect();
    this.#ahead = copyOf(this.doc);
  }

  /** Unloaded and loaded again from the log, which is compacted on the way now and then. */
  reload(): void {
    this.commit();
    expect(this.overlay.size).toBe(0);
    this.doc = new Y.Doc();
    for (const update of this.#log) Y.applyUpdate(this.doc, update);
    if (prng.bool(this.random)) this.#log = [Y.encodeStateAsUpdate(this.doc)];
    this.#ahead = copyOf(this.doc);
    this.#listen();
  }

  #listen(): void {
    this.doc.on('update', (update: Uint8Array) => {
      for (const tab of this.tabs) tab.fromServer.push(update);
    });
  }
}

/** One browser profile of one person: what all of its tabs have stored. */
export class Device {
  readonly hub: Hub;
  readonly who: Writer;
  readonly tabs: Tab[] = [];
  stored: Uint8Array[] = [];

  constructor(hub: Hub, who: Writer) {
    this.hub = hub;
    this.who = who;
  }

  /** Opens a tab that may not have read yet what others stored last. */
  open(unread = 0): Tab {
    const tab = new Tab(this, this.stored.slice(0, this.stored.length - unread));
    this.tabs.push(tab);
    return tab;
  }

  close(tab: Tab): void {
    tab.disconnect();
    this.tabs.splice(this.tabs.indexOf(tab), 1);
    tab.doc.destroy();
  }

  compact(): void {
    this.stored = [Y.encodeStateAsUpdate(docOf(this.stored))];
  }
}

/** One open tab: a document of its own that others of the device hear at once, connected or not. */
export class Tab {
  readonly device: Device;
  readonly doc: Y.Doc;
  undo: Y.UndoManager | null = null;
  toServer: Message[] = [];
  fromServer: Uint8Array[] = [];

  constructor(device: Device, stored: readonly Uint8Array[]) {
    this.device = device;
    this.doc = docOf(stored);
    this.doc.clientID = mintClientId(device.who.seq, prng.uint32(device.hub.random, 0, 2 ** 32 - 1));
    this.doc.on('update', (update: Uint8Array, origin: unknown) => {
      device.stored.push(update);
      if (origin !== 'server' && this.isConnected) this.toServer.push({ update, step2: false });
      if (origin === 'tab') return;
      for (const other of device.tabs) if (other !== this) Y.applyUpdate(other.doc, update, 'tab');
    });
  }

  get isConnected(): boolean {
    return this.device.hub.tabs.has(this);
  }

  connect(): void {
    const { hub } = this.device;
    hub.tabs.add(this);
    this.fromServer.push(Y.encodeStateAsUpdate(hub.doc, Y.encodeStateVector(this.doc)));
    this.answer(prng.uint32(hub.random, 0, 4) === 0);
  }

  /** Answers the server's SyncStep1; some clients with everything they have. */
  answer(withEverything = false): void {
    const known = withEverything ? undefined : Y.encodeStateVector(this.device.hub.doc);
    this.toServer.push({ update: Y.encodeStateAsUpdate(this.doc, known), step2: true });
  }

  /** What was under way is lost, in both directions. */
  disconnect(): void {
    this.device.hub.tabs.delete(this);
    this.toServer = [];
    this.fromServer = [];
  }

  /** Reads what the device has stored. */
  catchUp(): void {
    Y.applyUpdate(this.doc, Y.encodeStateAsUpdate(docOf(this.device.stored)), 'tab');
  }

  /** One message is lost on the way, the later ones are not. */
  lose(): void {
    this.toServer.splice(prng.uint32(this.device.hub.random, 0, this.toServer.length), 1);
  }

  deliver(count = Infinity): void {
    for (let i = 0; i < count && this.isConnected; i++) {
      const message = this.toServer.shift();
      if (message === undefined) return;
      this.device.hub.receive(this, message);
    }
  }

  hear(count = Infinity): void {
    for (let i = 0; i < count; i++) {
      const update = this.fromServer.shift();
      if (update === undefined) return;
      Y.applyUpdate(this.doc, update, 'server');
    }
  }
}

/**
 * In a description, what is inside of something that the overlay deletes is deleted with it, which the
 * judge does not follow: it accepts such a deletion once more [G15].
 */
function addsNothing(verdict: Verdict): boolean {
  return verdict.kind === 'accept' && verdict.clocks === 0;
}

function summary(verdict: Verdict): unknown {
  if (verdict.kind === 'accept') return { kind: 'accept', writes: sorted(verdict.writes), clocks: verdict.clocks };
  return verdict.kind === 'echo' ? { kind: 'echo' } : verdict;
}
