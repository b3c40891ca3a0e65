import { HocuspocusProvider, HocuspocusProviderWebsocket } from '@hocuspocus/provider';
import * as decoding from 'lib0/decoding';
import * as prng from 'lib0/prng';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { adopt } from '../../src/lib/model/client-ids.ts';
import { parseDocName } from '../../src/lib/model/names.ts';
import { join, mutateBytes, named, varint, type Pool } from './bytes-mutator.ts';
import { chats, movesCards, tidiesInbox, writesText, type Act } from './gate-people.ts';
import type { Tab } from './gate-world.ts';

/** Who records, by a token that the server takes. */
export type Recorder = { id: string; seq: number; token: string };

/** The frames that one provider sent for one document, in their order, from its token on. */
export type Session = { name: string; token: string; frames: Uint8Array[] };

const ACTS = 30;

/**
 * What a real Hocuspocus provider sends for these documents while its person does what people do: tokens, both steps,
 * updates, awareness, and the answer to a resync after a second connection.
 */
export async function record(url: string, who: Recorder, names: readonly string[], seed: number): Promise<Session[]> {
  const random = prng.create(seed);
  const sessions: Session[] = [];
  for (const name of names) {
    const doc = new Y.Doc();
    adopt(doc, who.seq);
    for (const connection of [1, 2]) sessions.push(await connect(url, who, name, doc, random, connection));
    doc.destroy();
  }
  return sessions;
}

async function connect(
  url: string,
  who: Recorder,
  name: string,
  doc: Y.Doc,
  random: prng.PRNG,
  connection: number,
): Promise<Session> {
  const frames: Uint8Array[] = [];
  class Recording extends WebSocket {
    override send(data: Uint8Array): void {
      frames.push(new Uint8Array(data));
      super.send(data);
    }
  }
  // Written while away: it goes out as one Step2.
  if (connection === 2) act(random, who, name, doc, ACTS / 4);
  const socket = new HocuspocusProviderWebsocket({
    url: `${url.replace(/^http/, 'ws')}/sync`,
    WebSocketPolyfill: Recording,
  });
  const provider = new HocuspocusProvider({
    websocketProvider: socket,
    name,
    document: doc,
    token: who.token,
    sessionAwareness: true,
  });
  provider.attach();
  await until(provider, 'synced', () => provider.isSynced);
  for (let i = 0; i < ACTS; i++) {
    act(random, who, name, doc, 1);
    provider.setAwarenessField('typing', i);
    // Each in a frame of its own.
    await new Promise((resolve) => setImmediate(resolve));
  }
  await until(provider, 'unsyncedChanges', () => !provider.hasUnsyncedChanges);
  provider.destroy();
  socket.destroy();
  return { name, token: who.token, frames };
}

function until(provider: HocuspocusProvider, event: string, holds: () => boolean): Promise<void> {
  return new Promise((resolve) => {
    const look = (): void => {
      if (!holds()) return;
      provider.off(event, look);
      resolve();
    };
    provider.on(event, look);
    look();
  });
}

function act(random: prng.PRNG, { id }: Recorder, name: string, doc: Y.Doc, times: number): void {
  const at = parseDocName(name);
  const acts: Record<string, Act> = {
    room: chats,
    thread: chats,
    board: movesCards,
    task: writesText,
    inbox: tidiesInbox,
  };
  // What people's acts look at in a tab of the simulated world.
  const tab = { doc, device: { who: { id, role: 'member' } }, undo: null } as unknown as Tab;
  for (let i = 0; i < times; i++) acts[at?.kind ?? '']?.(random, tab);
}

/** What mutations of these frames draw from. */
export function poolOfFrames(sessions: readonly Session[], people: readonly Recorder[]): Pool {
  const payloads = sessions.flatMap(({ frames }) => frames).flatMap(payloadOf);
  const words = [
    ...sessions.flatMap(({ name, token }) => [named(name), new TextEncoder().encode(name), named(token)]),
    ...people.flatMap(({ id, seq }) => [new TextEncoder().encode(id), varint(seq * 2 ** 32 + 7)]),
    ...['m', 'mod', 'log', 'meta', 'b', 'desc', 'n', 'drafts', '__proto__', '\0'].map(named),
  ];
  return { others: payloads, words };
}

/** The state vector or update of a sync frame. */
function payloadOf(frame: Uint8Array): Uint8Array[] {
  const body = 2 + (frame[0] ?? 0);
  if (frame[body - 1] !== 0) return [];
  const decoder = decoding.createDecoder(frame.subarray(body));
  decoding.readVarUint(decoder);
  return [decoding.readVarUint8Array(decoder)];
}

/** What a plain y-websocket client would have sent: the same, without the address and what that protocol lacks. */
export function plainFrames({ frames }: Session): Uint8Array[] {
  return frames.map((frame) => frame.subarray(1 + (frame[0] ?? 0))).filter(([type]) => type === 0 || type === 1);
}

/**
 * A frame with faults in it: in all of it, behind its address and type (else most would end there), or in the payload
 * alone, with its length put right (else most would end at that). `plain` frames have no address.
 */
export function mutateFrame(frame: Uint8Array, random: prng.PRNG, pool: Pool, plain: boolean): Uint8Array {
  const body = plain ? 1 : 2 + (frame[0] ?? 0);
  const depth = prng.uint32(random, 0, 9);
  if (depth === 0) return mutateBytes(frame, random, pool);
  const head = frame.subarray(0, body);
  const isSync = frame[body - 1] === 0;
  if (depth < 4 || !isSync) return join(head, mutateBytes(frame.subarray(body), random, pool));
  const decoder = decoding.createDecoder(frame.subarray(body));
  try {
    const step = varint(decoding.readVarUint(decoder));
    const payload = mutateBytes(decoding.readVarUint8Array(decoder), random, pool);
    return join(head, step, varint(payload.length), payload);
  } catch {
    // It has faults already, and no payload any more.
    return mutateBytes(frame, random, pool);
  }
}
