import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { readHeads } from '../src/lib/model/board-directory.ts';
import { readVolume } from '../src/lib/model/conversation.ts';
import { volumeDoc } from '../src/lib/model/names.ts';
import type { Person } from '../tests/harness/people.ts';
import type { TestServer } from '../tests/harness/server.ts';

const SYNC = 0;
const AUTH = 2;
const SYNC_REPLY = 4;
const STEP1 = 0;
/** A screen of messages: with fewer in the last volume, the one before is opened too. */
const SCREEN = 50;

export type Opening = {
  /** From asking for the board until the newest messages can be read. */
  ms: number;
  /** Every frame of the room's volumes, one after another. */
  room: Uint8Array;
  messages: number;
  /** Number of the newest message. */
  newest: number;
};

/** Opens a room as a device does that has nothing yet, over a socket of its own that is open already. */
export async function openRoom(server: TestServer, who: Person, board: string, room: string): Promise<Opening> {
  const socket = new WebSocket(`${server.url.replace(/^http/, 'ws')}/sync`, {
    headers: { cookie: who.cookie, origin: server.url },
  });
  socket.binaryType = 'nodebuffer';
  await new Promise((resolve, reject) => {
    socket.once('open', resolve);
    socket.once('error', reject);
  });
  const began = performance.now();
  const ref = `room/${room}` as const;
  const boardDoc = await open(socket, `board/${board}`);
  const head = readHeads(boardDoc.doc).get(ref)?.volume ?? 1;
  const volumes = [await open(socket, volumeDoc(ref, head))];
  let messages = readVolume(volumes[0]?.doc ?? new Y.Doc()).messages;
  if (messages.length < SCREEN && head > 1) {
    const before = await open(socket, volumeDoc(ref, head - 1));
    volumes.push(before);
    messages = [...readVolume(before.doc).messages, ...messages];
  }
  const ms = performance.now() - began;
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.close();
  await closed;
  return {
    ms,
    room: Buffer.concat(volumes.flatMap(({ frames }) => frames)),
    messages: messages.length,
    newest: messages.at(-1)?.seq ?? 0,
  };
}

/** Asks for one document and resolves when the server has sent all of it. */
function open(socket: WebSocket, name: string): Promise<{ doc: Y.Doc; frames: Buffer[] }> {
  const doc = new Y.Doc();
  const frames: Buffer[] = [];
  const send = (write: (encoder: encoding.Encoder) => void): void => {
    const encoder = encoding.createEncoder();
    encoding.writeVarString(encoder, name);
    write(encoder);
    socket.send(encoding.toUint8Array(encoder));
  };
  return new Promise((resolve, reject) => {
    socket.on('message', function receive(frame: Buffer) {
      const decoder = decoding.createDecoder(frame);
      if (decoding.readVarString(decoder) !== name) return;
      frames.push(frame);
      const type = decoding.readVarUint(decoder);
      if (type === AUTH && decoding.readVarUint(decoder) === 1) reject(new Error(decoding.readVarString(decoder)));
      if (type !== SYNC && type !== SYNC_REPLY) return;
      if (decoding.readVarUint(decoder) === STEP1) return;
      Y.applyUpdate(doc, decoding.readVarUint8Array(decoder));
      socket.off('message', receive);
      resolve({ doc, frames });
    });
    send((encoder) => {
      encoding.writeVarUint(encoder, AUTH);
      encoding.writeVarUint(encoder, 0);
      encoding.writeVarString(encoder, '');
      encoding.writeVarString(encoder, '4.8.0');
    });
    send((encoder) => {
      encoding.writeVarUint(encoder, SYNC);
      encoding.writeVarUint(encoder, STEP1);
      encoding.writeVarUint8Array(encoder, Y.encodeStateVector(doc));
    });
  });
}
