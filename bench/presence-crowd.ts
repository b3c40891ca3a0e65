import * as decoding from 'lib0/decoding';
import * as encoding from 'lib0/encoding';
import { WebSocket } from 'ws';
import { mintClientId } from '../src/lib/model/client-ids.ts';
import { TYPING_EVERY_MS } from '../src/lib/model/presence.ts';
import { boardDoc, inboxDoc, volumeDoc } from '../src/lib/model/names.ts';

export type Member = { id: string; seq: number; token: string; room: string };
/** What the crowd is told, and what it answers when that is done. */
export type Order =
  | { kind: 'come'; url: string; board: string; members: Member[] }
  | { kind: 'type'; people: number; seconds: number }
  | { kind: 'count' };

const SYNC = 0;
const AWARENESS = 1;
const AUTH = 2;
const QUERY_AWARENESS = 3;
const SYNC_REPLY = 4;
const STEP1 = 0;
const STEP2 = 1;
const TOKEN = 0;
/** As browsers do: after so long a silence they ask for a sign of life, and for news of their documents. */
const SILENCE_MS = 25_000;
const HEADS_EVERY_MS = 150_000;
/** Who come at the same moment. */
const AT_ONCE = 20;

/** One browser that looks at a room: inbox, board and room on one socket, present, and otherwise silent. */
class Looker {
  readonly #ws: WebSocket;
  readonly #member: Member;
  readonly #names: readonly string[];
  readonly #client: number;
  readonly #ready = Promise.withResolvers<void>();
  #synced = 0;
  #clock = 0;
  #heardAt = 0;
  /** Frames of awareness that came. */
  told = 0;

  constructor(url: string, board: string, member: Member) {
    this.#member = member;
    this.#names = [inboxDoc(member.id), boardDoc(board), volumeDoc(`room/${member.room}`, 1)];
    this.#client = mintClientId(member.seq);
    this.#ws = new WebSocket(`${url.replace(/^http/, 'ws')}/sync`, {
      headers: { authorization: `Bearer ${member.token}`, origin: url },
      perMessageDeflate: false,
    });
    this.#ws.binaryType = 'nodebuffer';
    this.#ws.on('open', () => this.#come());
    this.#ws.on('message', (frame: Buffer) => this.#hear(frame));
    this.#ws.on('close', (code, reason) => {
      // Whoever is lost makes the server idler than it is.
      console.error(`${member.id} was closed with ${code} ${reason.toString()}`);
      this.#ready.reject(new Error(`closed with ${code}`));
    });
    this.#ws.on('error', (error) => this.#ready.reject(error));
  }

  get ready(): Promise<void> {
    return this.#ready.promise;
  }

  say(word: object): void {
    this.#clock += 1;
    const update = encoding.encode((encoder) => {
      encoding.writeVarUint(encoder, 1);
      encoding.writeVarUint(encoder, this.#client);
      encoding.writeVarUint(encoder, this.#clock);
      encoding.writeVarString(encoder, JSON.stringify(word));
    });
    this.#send(this.#names[2] ?? '', AWARENESS, (encoder) => encoding.writeVarUint8Array(encoder, update));
  }

  /** Asks for a sign of life after a long silence. */
  look(now: number): void {
    if (now - this.#heardAt < SILENCE_MS) return;
    this.#heardAt = now;
    this.#send(this.#names[0] ?? '', QUERY_AWARENESS);
  }

  async askHeads(url: string): Promise<void> {
    await fetch(`${url}/api/v1/heads`, { headers: { authorization: `Bearer ${this.#member.token}` } });
  }

  #come(): void {
    for (const name of this.#names) {
      this.#send(name, AUTH, (encoder) => {
        encoding.writeVarUint(encoder, TOKEN);
        encoding.writeVarString(encoder, this.#member.token);
      });
      this.#send(name, SYNC, (encoder) => {
        encoding.writeVarUint(encoder, STEP1);
        encoding.writeVarUint8Array(encoder, Uint8Array.of(0));
      });
    }
  }

  #hear(frame: Buffer): void {
    this.#heardAt = Date.now();
    const decoder = decoding.createDecoder(frame);
    decoding.readVarString(decoder);
    const type = decoding.readVarUint(decoder);
    if (type === AWARENESS) this.told += 1;
    if ((type === SYNC || type === SYNC_REPLY) && decoding.readVarUint(decoder) === STEP2) {
      this.#synced += 1;
      if (this.#synced < this.#names.length) return;
      this.say({});
      this.#ready.resolve();
    }
  }

  #send(name: string, type: number, write?: (encoder: encoding.Encoder) => void): void {
    this.#ws.send(
      encoding.encode((encoder) => {
        encoding.writeVarString(encoder, name);
        encoding.writeVarUint(encoder, type);
        write?.(encoder);
      }),
    );
  }
}

let crowd: Looker[] = [];

async function come({ url, board, members }: Extract<Order, { kind: 'come' }>): Promise<void> {
  for (let i = 0; i < members.length; i += AT_ONCE) {
    const some = members.slice(i, i + AT_ONCE).map((member) => new Looker(url, board, member));
    await Promise.all(some.map((looker) => looker.ready));
    crowd = [...crowd, ...some];
  }
  setInterval(() => {
    const now = Date.now();
    for (const looker of crowd) looker.look(now);
  }, 1_000);
  // Each in its turn, and no two at the same moment.
  let next = 0;
  setInterval(() => void crowd[(next += 1) % crowd.length]?.askHeads(url), HEADS_EVERY_MS / crowd.length);
}

/** These type all the time, which is said again every three seconds; each began at another moment. */
async function type({ people, seconds }: Extract<Order, { kind: 'type' }>): Promise<void> {
  const step = Math.floor(crowd.length / people);
  const typists = Array.from({ length: people }, (_, i) => crowd[i * step]).filter((looker) => looker !== undefined);
  const timers = typists.map((looker, i) =>
    setTimeout(
      () => timers.push(setInterval(() => looker.say({ typing: 1 }), TYPING_EVERY_MS)),
      (i * TYPING_EVERY_MS) / people,
    ),
  );
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  for (const timer of timers) clearInterval(timer);
  for (const looker of typists) looker.say({});
}

process.on('message', (order: Order) => {
  void (async () => {
    if (order.kind === 'come') await come(order);
    if (order.kind === 'type') await type(order);
    process.send?.(crowd.reduce((sum, looker) => sum + looker.told, 0));
  })();
});
