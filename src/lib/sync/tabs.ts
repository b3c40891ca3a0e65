import type { UserId } from '../model/ids.ts';
import type { PendingRow } from './catalog.ts';

/**
 * What tabs of one person tell each other. `lineage` names the living copy of a document: words from a copy that has
 * been set aside meanwhile must not come back, so what carries another lineage is ignored.
 */
export type TabMessage =
  /** I have this document open and hold this much: send me what I lack. `ask` is false in the answer to an ask. */
  | { kind: 'vector'; name: string; lineage: string; vector: Uint8Array; ask: boolean }
  /** `pending` says which waiting changes the update carries. */
  | { kind: 'update'; name: string; lineage: string; update: Uint8Array; pending: string[] }
  /** Changes that began or ceased to wait. */
  | { kind: 'waiting'; added: PendingRow[]; removed: { name: string; id: string }[] }
  /** This document's copy was set aside, or purged; `lineage` is the new one. */
  | { kind: 'swapped'; name: string; lineage: string; reason: string; purged: boolean }
  | { kind: 'asides' }
  /** `wiped`: and nothing of this person is to stay on the device. */
  | { kind: 'signed-out'; wiped: boolean };

type Envelope = { from: string; message: TabMessage };

/**
 * The person's other tabs on this device, over BroadcastChannel: at once, offline too. Awareness stays out of it,
 * because a tab that closes would erase the presence of the others.
 */
export class Tabs {
  /** This tab, for as long as it lives. */
  readonly id: string;
  #channel: BroadcastChannel | null;

  constructor(user: UserId, id: string, receive: (message: TabMessage, from: string) => void) {
    this.id = id;
    this.#channel = open(`taskflow/${user}`);
    if (this.#channel === null) return;
    this.#channel.onmessage = (event: MessageEvent<Envelope>) => {
      if (event.data.from !== this.id) receive(event.data.message, event.data.from);
    };
  }

  /** Never throws: it is called by listeners of documents. After `close`, tells nobody. */
  tell(message: TabMessage): void {
    try {
      this.#channel?.postMessage({ from: this.id, message } satisfies Envelope);
    } catch {
      // The channel is gone; the other tabs hear of it from the server, or when they read the device.
      return;
    }
  }

  close(): void {
    this.#channel?.close();
    this.#channel = null;
  }
}

/** Null where there are none, or none allowed: every tab is then on its own. */
function open(name: string): BroadcastChannel | null {
  try {
    return typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel(name);
  } catch {
    return null;
  }
}
