import { setTimeout as pause } from 'node:timers/promises';
import { sendMessage } from '../../src/lib/model/conversation.ts';
import { META_ROOT } from '../../src/lib/model/message-slots.ts';
import { FIRST_VOLUME, volumeDoc } from '../../src/lib/model/names.ts';
import type { Person } from '../harness/people.ts';
import { RawClient } from '../harness/raw-client.ts';
import type { TestServer } from '../harness/server.ts';

/** The pace of a device: fast enough that a commit is nearly always under way. */
const TICK_MS = 8;
const IN_FLIGHT = 3;
const COME_BACK_MS = 100;
/** Every so many messages one goes into the volume before the head, as from a device that has not heard of the new one. */
const LATE_EVERY = 8;

/**
 * One person's device in a room: sends labelled messages while `busy`, comes back by itself whenever the server is
 * back, follows the room from volume to volume, and now and then writes into a full one. What it wrote there is
 * acknowledged before it goes on.
 */
export class Device {
  readonly person: Person;
  /** Every label that the server ever acknowledged. */
  readonly acknowledged = new Set<string>();
  /** The text of the n-th message since the last `work`. */
  readonly #text: (label: string, n: number) => string;
  readonly #server: TestServer;
  readonly #room: string;
  readonly #volumes: RawClient[] = [];
  readonly #running: Promise<void>;
  #busy = false;
  #ended = false;
  #sent = 0;
  #sentNow = 0;
  #settled: (() => void) | null = null;

  constructor(server: TestServer, person: Person, room: string, text: (label: string, n: number) => string) {
    this.#server = server;
    this.person = person;
    this.#room = room;
    this.#text = text;
    this.#open();
    this.#running = this.#run();
  }

  get head(): RawClient {
    return this.#volumes.at(-1)!;
  }

  /** The volumes that it has open: number and document. */
  get volumes(): { volume: number; client: RawClient }[] {
    return this.#volumes.map((client, at) => ({ volume: FIRST_VOLUME + at, client }));
  }

  get sent(): number {
    return this.#sent;
  }

  get unacknowledged(): number {
    return this.#volumes.reduce((sum, client) => sum + client.unacknowledged, 0);
  }

  work(): void {
    this.#sentNow = 0;
    this.#busy = true;
  }

  /** Sends nothing more; resolves when it is connected and all that it sent is acknowledged. */
  async settle(): Promise<void> {
    this.#busy = false;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#settled = resolve;
    await Promise.race([promise, this.#running]);
  }

  async end(): Promise<void> {
    this.#ended = true;
    for (const client of this.#volumes) client.close();
    await this.#running;
  }

  #open(): void {
    const volume = FIRST_VOLUME + this.#volumes.length;
    const client = new RawClient(this.#server.url, this.person, volumeDoc(`room/${this.#room}`, volume));
    this.#volumes.push(client);
  }

  async #run(): Promise<void> {
    while (!this.#ended) {
      await this.#tick();
      this.#collect();
      await pause(TICK_MS);
    }
  }

  async #tick(): Promise<void> {
    const head = this.head;
    const open = this.#volumes.filter((client) => client === head || client.unacknowledged > 0);
    const back = await Promise.all(open.map(async (client) => client.connected || (await client.connect())));
    const refusals = this.#volumes.flatMap((client) => client.refusals);
    if (refusals.length > 0) throw new Error(`The server refused ${this.person.username}: ${refusals.join(', ')}`);
    if (back.includes(false)) {
      await pause(COME_BACK_MS);
      return;
    }
    if (head.doc.getMap(META_ROOT).has('next')) {
      this.#open();
      return;
    }
    // What stands in a volume that is full by now is numbered before anything that is written later.
    if (open.length > 1) return;
    const before = this.#volumes.at(-2);
    const isLate = before !== undefined && this.#sent % LATE_EVERY === 0;
    if (this.#busy && isLate && head.unacknowledged === 0) this.#send(before);
    else if (this.#busy && !isLate && head.unacknowledged < IN_FLIGHT) this.#send(head);
    else if (!this.#busy && head.unacknowledged === 0) this.#settled?.();
  }

  #send(client: RawClient): void {
    const label = `${this.person.username}-${this.#sent++}`;
    const text = this.#text(label, this.#sentNow++);
    client.change(label, (doc) => {
      sendMessage(doc, this.person.id, { text });
    });
  }

  #collect(): void {
    for (const client of this.#volumes) for (const label of client.acknowledged) this.acknowledged.add(label);
  }
}
