import type { Connection, Document } from '@hocuspocus/server';
import * as encoding from 'lib0/encoding';
import { encodeAwarenessUpdate, removeAwarenessStates, type Awareness } from 'y-protocols/awareness';
import { ownerOf } from '../../src/lib/model/client-ids.ts';
import { says, type PresenceState } from '../../src/lib/model/presence.ts';
import type { Context } from './context.ts';
import { TYPE } from './frames.ts';

/** Clients (tabs, document instances) that one connection may show as present. */
const CLIENTS_PER_CONNECTION = 4;
/**
 * For each who hears it, beyond a few, news waits so long after the news before. A telling costs some ten microseconds a
 * listener, so what people do in a room, however many they are, costs a few per cent of a core at most. Milliseconds.
 */
const GATHER_MS = 1;
const FEW = 10;

type States = Map<number, { [field: string]: unknown }>;

/**
 * Leaves of an awareness update what this person may say and what is news: states under their own clientIDs, with the
 * fields that mean something, stamped with who they are. Whoever says that they leave is taken out of the document's
 * awareness at once: what Hocuspocus hands on of a client that has no state any more is nothing.
 */
export function hearAwareness(states: States, document: Document, connection: Connection<Context>): void {
  const { who, readOnly } = connection.context;
  const { awareness } = document;
  const held = document.getClients(connection) as ReadonlySet<number>;
  const leaving: number[] = [];
  let fresh = 0;
  for (const [client, state] of [...states]) {
    const known = held.has(client);
    const word = says(state);
    states.delete(client);
    if (ownerOf(client) !== who.seq) continue;
    if (word === 'left') leaving.push(client);
    else if (known || held.size + fresh < CLIENTS_PER_CONNECTION) {
      if (!known) fresh += 1;
      const typing = word === 'typing' && !readOnly;
      // A sign of life of one who is here is no news: nobody's presence expires, its socket is known to live.
      if (known && !typing && isHere(awareness, client)) continue;
      states.set(client, { user: who.id, ...(typing && { typing: 1 }) } satisfies PresenceState);
    }
  }
  if (leaving.length > 0) removeAwarenessStates(awareness, leaving, { source: 'connection', connection });
}

function isHere(awareness: Awareness, client: number): boolean {
  const state = awareness.states.get(client);
  return state !== undefined && state.typing === undefined;
}

/**
 * Lets a document tell who is here in one message for all that happened since the last one, and without a clock: by
 * itself its awareness would look every three seconds for clients that have not said again that they are there.
 */
export function tellTogether(document: Document): void {
  const { awareness } = document;
  clearInterval(awareness._checkInterval as NodeJS.Timeout);
  const changed = new Set<number>();
  let timer: NodeJS.Timeout | null = null;
  let told = -Infinity;

  const tell = (): void => {
    timer = null;
    told = performance.now();
    const clients = [...changed].filter((client) => awareness.meta.has(client));
    changed.clear();
    if (clients.length === 0) return;
    const update = encodeAwarenessUpdate(awareness, clients);
    for (const connection of document.getConnections()) connection.send(frameFor(connection.messageAddress, update));
    // A document may live for months, and each of its visitors had clients of their own.
    for (const client of clients) if (!awareness.states.has(client)) awareness.meta.delete(client);
  };

  (document as unknown as Teller).broadcastAwarenessUpdate = (clients) => {
    if (document.isDestroyed) return;
    for (const client of clients) changed.add(client);
    if (timer !== null) return;
    const gather = Math.max(0, document.connections.size - FEW) * GATHER_MS;
    const wait = told + gather - performance.now();
    if (wait <= 0) tell();
    else timer = setTimeout(tell, wait);
  };
  document.on('destroy', () => {
    if (timer !== null) clearTimeout(timer);
    timer = null;
    changed.clear();
  });
}

/** The method of Hocuspocus' documents that writes awareness to everyone, once for each address. */
type Teller = { broadcastAwarenessUpdate: (clients: readonly number[]) => void };

function frameFor(address: string, update: Uint8Array): Uint8Array {
  return encoding.encode((encoder) => {
    encoding.writeVarString(encoder, address);
    encoding.writeVarUint(encoder, TYPE.awareness);
    encoding.writeVarUint8Array(encoder, update);
  });
}
