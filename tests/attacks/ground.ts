import { randomInt } from 'node:crypto';
import * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../../src/lib/model/client-ids.ts';
import { newId } from '../../src/lib/model/ids.ts';
import { any, forge, item, type Content, type Deletion, type Id, type Spot } from '../fuzz/gate-forge.ts';
import type { Person } from '../harness/people.ts';
import type { Attacker } from './attacker.ts';
import type { Population } from './population.ts';

/** A document as the attacker knows it: where things stand in it, and under which clientIDs to forge. */
export class Ground {
  readonly name: string;
  readonly doc: Y.Doc;
  readonly me: Person;
  readonly people: Population;
  /** A clientID of the attacker's own that has written nothing. */
  readonly mine: number;
  readonly alsoMine: number;

  private constructor(name: string, doc: Y.Doc, me: Person, people: Population) {
    this.name = name;
    this.doc = doc;
    this.me = me;
    this.people = people;
    this.mine = mintClientId(me.seq, randomInt(2 ** 31));
    this.alsoMine = this.mine + 1;
  }

  static async explore(attacker: Attacker, name: string, people: Population): Promise<Ground> {
    if (attacker.person === null) throw new Error('nobody may read that');
    return new Ground(name, await attacker.fetch(name), attacker.person, people);
  }

  /** A clientID of somebody else that has written nothing. */
  of(person: Person): number {
    return mintClientId(person.seq, randomInt(2 ** 31));
  }

  get server(): number {
    return mintClientId(SERVER_SEQ, randomInt(2 ** 31));
  }

  /** The item that holds the value of a key. */
  at(root: string, key: string): Id {
    const found = this.doc.getMap(root)._map.get(key);
    if (found === undefined) throw new Error(`nothing at ${root} ${key}`);
    return [found.id.client, found.id.clock];
  }

  /** The first key of a root that begins so. */
  key(root: string, prefix = ''): string {
    const found = [...this.doc.getMap(root).keys()].find((key) => key.startsWith(prefix));
    if (found === undefined) throw new Error(`nothing in ${root} begins with ${prefix}`);
    return found;
  }

  /** The next clock of a client. */
  next(client: number): number {
    return Y.getState(this.doc.store, client);
  }

  /** A key for a message of the attacker's. */
  slot(mid = newId()): string {
    return `m/${this.me.id}/${mid}`;
  }

  /** One item under the attacker's own clientID. */
  write(spot: Spot, content: Content, deletions: Deletion[] = []): Uint8Array {
    return forge([{ client: this.mine, structs: [item(spot, content)] }], deletions);
  }

  /** A value under a key, under the attacker's own clientID. */
  set(root: string, key: string, ...values: unknown[]): Uint8Array {
    return this.write({ parent: root, key }, any(...values));
  }

  /** A value under a key, under another clientID. */
  as(client: number, root: string, key: string, ...values: unknown[]): Uint8Array {
    const structs = [item({ parent: root, key }, any(...values))];
    return forge([{ client, clock: this.next(client), structs }]);
  }

  erase(...targets: Id[]): Uint8Array {
    return forge(
      [],
      targets.map(([client, clock]) => [client, [clock, 1]] as const),
    );
  }
}
