import type * as Y from 'yjs';
import type { Sql } from '../../server/store/database.ts';
import { LONGEST_WAIT_MS } from '../../server/store/jobs.ts';
import { boardDoc, inboxDoc, taskDoc, volumeDoc } from '../../src/lib/model/names.ts';
import { eventually, TestApp, type Person } from './harness.ts';
import type { RoleName, World } from './matrix-rows.ts';

/** Everyone that the matrix asks as. The last three have no role in the world that is asked about. */
export const PEOPLE = ['viewer', 'commenter', 'member', 'owner', 'stranger', 'removed', 'admin'] as const;
export type PersonName = (typeof PEOPLE)[number];

/** What the owners of a world wrote into all of it: no outsider, and no refusal, may ever tell it. */
export const CANARY = 'canary6f1d0c2e';

/** What one owner wrote in a private room, alone: no answer to anybody else of the matrix may ever tell it. */
export const SECRET = 'secret94b1aa07';

export const roleOf = (name: PersonName | 'nobody'): RoleName =>
  name === 'stranger' || name === 'removed' || name === 'admin' ? 'outside' : name;

/** What changes without anybody's asking: the log is compacted, jobs come and go. Documents are read instead. */
const RESTLESS = ['jobs', 'documents', 'updates', 'updates_set_aside'];
/** The roots of all kinds of documents. Left out: `heads`, which follow the conversations a little later. */
const MAPS = ['m', 'mod', 'log', 'meta', 'b', 'people', 'rooms', 'boards', 'asked', 'read', 'drafts', 'prefs', 'ask'];

/** Longer than the whole matrix takes, and not longer than a job may be put off. */
const LONG_MS = LONGEST_WAIT_MS - 10_000;

/** The instance, its people, and worlds for them. */
export class Matrix {
  readonly app: TestApp;
  readonly otto: Person;
  readonly #people: Map<PersonName, Person>;

  private constructor(app: TestApp, people: Map<PersonName, Person>, otto: Person) {
    this.app = app;
    this.#people = people;
    this.otto = otto;
  }

  static async open(): Promise<Matrix> {
    // What is deleted would be erased by the clock, in the midst of what is compared.
    const app = await TestApp.start({}, { erasure: { eraseMs: LONG_MS, compactMs: LONG_MS }, compactEveryMs: LONG_MS });
    const admin = await app.setUp('ada');
    const door = await app.board(admin, 'Door');
    const enter = (username: string) => app.join(admin, door, username, 'viewer');
    const people = new Map<PersonName, Person>([['admin', admin]]);
    for (const name of PEOPLE) if (name !== 'admin') people.set(name, await enter(name === 'owner' ? 'olga' : name));
    return new Matrix(app, people, await enter('otto'));
  }

  person(name: PersonName): Person {
    const person = this.#people.get(name);
    if (!person) throw new Error(`${name} is nobody`);
    return person;
  }

  /** A board with everything on it, seen by one of these people. */
  async world(name: PersonName | 'nobody' = 'nobody'): Promise<World> {
    const { app, otto } = this;
    const olga = this.person('owner');
    const board = await app.board(olga, `Board ${CANARY}`);
    for (const role of ['viewer', 'commenter', 'member'] as const) {
      await app.ok(olga, 'PUT', `/boards/${board}/members/${this.person(role).id}`, { role });
    }
    await app.ok(olga, 'PUT', `/boards/${board}/members/${otto.id}`, { role: 'owner' });
    await app.ok(olga, 'PUT', `/boards/${board}/members/${this.person('removed').id}`, { role: 'owner' });
    await app.ok(olga, 'DELETE', `/boards/${board}/members/${this.person('removed').id}`);
    const room = await app.room(olga, board, `Room ${CANARY}`);
    const { hidden, hiddenName, secret, inner } = await this.#privateRooms(board);
    const column = await app.column(olga, board, `Column ${CANARY}`);
    const task = await app.task(olga, board, column, `Card ${CANARY}`);
    const { code, id: invitation } = await app.ok(olga, 'POST', `/boards/${board}/invitations`, { role: 'viewer' });
    const say = async (person: Person, path: string) =>
      (await app.ok(person, 'POST', path, { text: `Words ${CANARY}` })).id;
    const makes = name === 'member' || name === 'owner';
    const speaks = name === 'commenter' || name === 'member' || name === 'owner';
    const author = speaks ? this.person(name) : olga;
    const foreign = (await app.ok(otto, 'GET', '/sessions')).items[0]?.id ?? '';
    return {
      board,
      room,
      hidden,
      hiddenName,
      secret,
      inner,
      ownRoom: await app.room(makes ? this.person(name) : olga, board, `Own ${CANARY}`),
      column,
      task,
      code,
      invitation,
      own: await say(author, `/rooms/${room}/messages`),
      ownComment: await say(author, `/tasks/${task}/comments`),
      others: await say(otto, `/rooms/${room}/messages`),
      othersComment: await say(otto, `/tasks/${task}/comments`),
      self: name === 'nobody' ? olga.id : this.person(name).id,
      viewer: this.person('viewer').id,
      owner: otto.id,
      guest: this.person('stranger').id,
      session: foreign,
      foreignSession: foreign,
    };
  }

  /** One with an owner alone in it, and one with everybody in it. */
  async #privateRooms(board: string) {
    const { app, otto } = this;
    const make = async (name: string): Promise<string> =>
      (await app.ok<{ id: string }>(otto, 'POST', `/boards/${board}/rooms`, { name, private: true })).id;
    const hiddenName = `Hidden ${SECRET}`;
    const [hidden, inner] = [await make(hiddenName), await make(`Inner ${CANARY}`)];
    for (const name of ['viewer', 'commenter', 'member', 'owner'] as const) {
      await app.ok(otto, 'PUT', `/rooms/${inner}/members/${this.person(name).id}`);
    }
    const { id } = await app.ok<{ id: string }>(otto, 'POST', `/rooms/${hidden}/messages`, { text: `Words ${SECRET}` });
    return { hidden, hiddenName, secret: id, inner };
  }

  /** The person with a session of its own, and the id of that. */
  async signedIn(name: PersonName): Promise<{ person: Person; session: string }> {
    const person = await this.app.signIn(this.person(name).username);
    const { items } = await this.app.ok<{ items: { id: string; current: boolean }[] }>(
      person,
      'GET',
      '/sessions?limit=200',
    );
    return { person, session: items.find(({ current }) => current)?.id ?? '' };
  }

  /** A session in place of the one that was ended. */
  async signInAgain(name: PersonName): Promise<void> {
    this.#people.set(name, await this.app.signIn(this.person(name).username));
  }

  /** Every row and what the documents of a world and of its people say, once the jobs that are due are done. */
  async state({ board, room, hidden, inner, task }: World): Promise<Record<string, unknown>> {
    const { sync } = this.app.parts.services;
    const { rows } = await eventually(
      () => this.#rows(),
      ({ due }) => due === 0,
    );
    const names = [
      boardDoc(board),
      taskDoc(task),
      volumeDoc(`room/${room}`, 1),
      volumeDoc(`room/${hidden}`, 1),
      volumeDoc(`room/${inner}`, 1),
      volumeDoc(`task/${task}`, 1),
      ...[...this.#people.values(), this.otto].map(({ id }) => inboxDoc(id)),
    ];
    const read = (doc: Y.Doc) => [
      ...MAPS.map((root) => doc.getMap(root).toJSON()),
      doc.getArray('n').toJSON(),
      doc.getXmlFragment('desc').toJSON(),
    ];
    const documents = await Promise.all(names.map(async (name) => [name, await sync.read(name, read)] as const));
    return { rows, ...Object.fromEntries(documents) };
  }

  #rows(): Promise<{ due: number; rows: Record<string, string> }> {
    return this.app.parts.services.store.transaction(async (tx) => {
      const sql = tx as unknown as Sql;
      // One that failed is tried again later, and done then.
      const [jobs] = await sql<{ due: number }[]>`
        select count(*)::int as due from jobs where run_at <= now() or attempts > 0`;
      const tables = await sql<{ name: string }[]>`
        select table_name as name from information_schema.tables where table_schema = current_schema()`;
      const rows: Record<string, string> = {};
      for (const { name } of tables) {
        if (RESTLESS.includes(name)) continue;
        // Of a session, that it is there: it knows when it was used last.
        const what = name === 'sessions' ? sql`t.id_hash` : sql`t::text`;
        const [row] = await sql<{ digest: string | null }[]>`
          select md5(string_agg(md5(${what}), '' order by md5(${what}))) as digest from ${sql(name)} t`;
        rows[name] = row?.digest ?? 'empty';
      }
      return { due: jobs?.due ?? 0, rows };
    });
  }
}
