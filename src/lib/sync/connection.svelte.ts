import { current } from './current.svelte.ts';
import type { ConnectionState } from './socket.svelte.ts';

export type { ConnectionState };

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
}

export const connection = new Connection();
