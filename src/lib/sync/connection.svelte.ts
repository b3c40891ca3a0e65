import { current } from './current.svelte.ts';
import type { ConnectionState } from './socket.svelte.ts';

const CONNECTING: ConnectionState = { kind: 'connecting' };

/** What a person needs to know of the way to the server. */
class Connection {
  /** Online once the server has been heard, whatever the browser believes about the network. */
  get state(): ConnectionState {
    return current.client?.socket.state ?? CONNECTING;
  }

  /** Changes saved on this device, in any tab, that the server has not accepted yet. Survives reload. */
  get waiting(): number {
    return current.client?.outbox.waiting ?? 0;
  }

  /** Every change made in this tab is on this device. */
  get saved(): boolean {
    // A change begins to wait at once, which makes whoever asked ask again.
    void current.client?.outbox.waiting;
    return current.client?.documents.all().every((document) => document.saved) ?? true;
  }

  /** The server has everything, also what is not counted: drafts, read marks. */
  get allSent(): boolean {
    return (current.client?.outbox.names.length ?? 0) === 0;
  }

  /** Everything that this person may see has been brought to this device, since this tab began. */
  get freshened(): boolean {
    return current.client?.freshener.done ?? false;
  }
}

export const connection = new Connection();
