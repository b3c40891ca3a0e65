import { randomBytes } from 'node:crypto';
import { RawClient } from '../harness/raw-client.ts';
import { call, join, makeBoard, makeRoom, setUp, type Person } from '../harness/people.ts';
import type { TestServer } from '../harness/server.ts';
import * as conversation from '../../src/lib/model/conversation.ts';
import { inboxDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { saveDraft } from '../../src/lib/model/inbox.ts';

/** A board with a room, a column, a card and words in all of them, and the secret that those words hold. */
export type Place = {
  board: string;
  room: string;
  /** A room for cases that write something good: nobody compares it. */
  scratch: string;
  column: string;
  task: string;
  /** Whoever may not read this place must never receive it, in whatever bytes. */
  canary: string;
};

/** Who is there before the first case. The first four belong to `home`, `oscar` owns `other`; `otto` is a member of neither. */
export type Population = {
  olga: Person;
  mia: Person;
  carl: Person;
  vera: Person;
  /** Was a member of `home` and was removed. */
  rick: Person;
  otto: Person;
  oscar: Person;
  /** Stay connected to `home` all the time: Bea writes, Ben reads. */
  bea: Person;
  ben: Person;
  home: Place;
  other: Place;
  /** What Bea's draft says. */
  draft: string;
};

/** Then she edits her last one: the volume must not become full, because a new one is another document. */
const MESSAGES = 150;

const secret = (): string => `canary${randomBytes(12).toString('hex')}`;

async function furnish(server: TestServer, owner: Person, title: string): Promise<Place> {
  const canary = secret();
  const board = await makeBoard(server, owner, `${title} ${canary}`);
  const post = (path: string, body: unknown) => call<{ id: string }>(server, owner, 'POST', path, body);
  const room = await makeRoom(server, owner, board, `Hall ${canary}`);
  const scratch = await makeRoom(server, owner, board, `Scratch ${canary}`);
  await post(`/rooms/${room}/messages`, { text: `Words ${canary}` });
  const { id: column } = await post(`/boards/${board}/columns`, { title: `Column ${canary}` });
  const { id: task } = await post(`/boards/${board}/tasks`, { column, title: `Card ${canary}` });
  await post(`/tasks/${task}/comments`, { text: `Comment ${canary}` });
  return { board, room, scratch, column, task, canary };
}

export async function populate(server: TestServer): Promise<Population> {
  const olga = await setUp(server);
  const home = await furnish(server, olga, 'Home');
  const enter = (name: string, role: 'member' | 'commenter' | 'viewer', board = home.board) =>
    join(server, olga, board, name, `${name} Person`, role);
  const mia = await enter('mia', 'member');
  const carl = await enter('carl', 'commenter');
  const vera = await enter('vera', 'viewer');
  const bea = await enter('bea', 'member');
  const ben = await enter('ben', 'viewer');
  const rick = await enter('rick', 'member');
  await call(server, olga, 'DELETE', `/boards/${home.board}/members/${rick.id}`);
  // Accounts begin with an invitation: this board is where the two come from, and nothing of it matters.
  const door = await makeBoard(server, olga, 'Door');
  const otto = await enter('otto', 'member', door);
  const oscar = await enter('oscar', 'member', door);
  const other = await furnish(server, oscar, 'Other');
  const draft = secret();
  const inbox = new RawClient(server.url, bea, inboxDoc(bea.id));
  await inbox.connect();
  inbox.change('draft', (doc) => saveDraft(doc, `room/${home.room}`, `Dear ${draft}`));
  await inbox.until(() => inbox.acknowledged.has('draft'));
  inbox.close();
  return { olga, mia, carl, vera, rick, otto, oscar, bea, ben, home, other, draft };
}

/** The words that must not be in anything that this person (null: nobody) receives. */
export function secretsFrom(people: Population, person: Person | null): string[] {
  const { home, other, draft, otto, bea, rick, oscar } = people;
  const isStranger = person === null || [otto, oscar, rick].some(({ id }) => id === person.id);
  return [
    ...(isStranger ? [home.canary] : []),
    ...(person?.id === oscar.id ? [] : [other.canary]),
    ...(person?.id === bea.id ? [] : [draft]),
  ];
}

/** Bea and Ben in the hall of `home`: whatever happens to others, she is heard and he hears her. */
export class Bystanders {
  readonly #people: Population;
  readonly #writer: RawClient;
  readonly #reader: RawClient;
  readonly #board: RawClient;
  #said = 0;
  #mid = '';

  private constructor(server: TestServer, people: Population) {
    const hall = volumeDoc(`room/${people.home.room}`, 1);
    this.#people = people;
    this.#writer = new RawClient(server.url, people.bea, hall);
    this.#reader = new RawClient(server.url, people.ben, hall);
    this.#board = new RawClient(server.url, people.ben, `board/${people.home.board}`);
  }

  static async arrive(server: TestServer, people: Population): Promise<Bystanders> {
    const here = new Bystanders(server, people);
    const connected = await Promise.all([here.#writer, here.#reader, here.#board].map((client) => client.connect()));
    if (!connected.every(Boolean)) throw new Error('a bystander could not connect');
    return here;
  }

  /** True while no socket of theirs was ever closed. */
  get undisturbed(): boolean {
    return this.#writer.connected && this.#reader.connected && this.#board.connected;
  }

  /** Bea says something new; resolves when it is acknowledged and Ben has it. */
  async talk(): Promise<void> {
    const text = `still here ${++this.#said}`;
    const { id } = this.#people.bea;
    this.#writer.change(text, (doc) => {
      if (this.#said > MESSAGES) conversation.editMessage(doc, id, this.#mid, text);
      else this.#mid = conversation.sendMessage(doc, id, { text }).slice(id.length + 1);
    });
    const said = (): boolean => {
      const body = conversation.bodyAt(this.#reader.doc, `${id}/${this.#mid}`);
      return body?.kind === 'message' && body.text === text;
    };
    await this.#writer.until(() => this.#writer.acknowledged.has(text) || !this.undisturbed);
    await this.#reader.until(() => said() || !this.undisturbed);
    if (!this.undisturbed) throw new Error('a bystander was disconnected');
  }

  leave(): void {
    for (const client of [this.#writer, this.#reader, this.#board]) client.close();
  }
}
