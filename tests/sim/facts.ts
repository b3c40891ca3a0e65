import type * as Y from 'yjs';
import { conversationOf, parseDocName, type ConversationRef } from '../../src/lib/model/names.ts';
import type { Act, Entry } from './history.ts';
import { stored } from './stored.ts';
import type { View } from './store/data.ts';
import type { World } from './world.ts';

export type Done<K extends Act['kind']> = Entry & { act: Extract<Act, { kind: K }> };

/** What people did, by kind, and what the log holds: all that the oracle looks at. */
export class Facts {
  readonly world: World;
  readonly data: View;
  /** Who was let into a private room, and who was taken out, by whatever way, if only perhaps: `<room>/<person>`. */
  readonly letIn: ReadonlySet<string>;
  readonly takenOut: ReadonlySet<string>;
  readonly #docs = new Map<string, Y.Doc>();
  readonly #boardOf = new Map<string, string>();

  constructor(world: World) {
    this.world = world;
    this.data = world.server.data.outside;
    for (const { ref, board } of this.data.conversations.all()) this.#boardOf.set(ref, board);
    for (const { act } of this.did('ask-room')) this.#note(`room/${act.id}`, act.board);
    for (const { act } of this.did('wish')) {
      if (act.field === 'archived' && act.value === true) world.closedRooms.add(act.room);
    }
    const wished = this.did('wish-person').map(({ act }) => [`${act.room}/${act.user}`, act.inside] as const);
    this.letIn = new Set([...world.letIn, ...wished.flatMap(([key, inside]) => (inside ? [key] : []))]);
    this.takenOut = new Set([...world.takenOut, ...wished.flatMap(([key, inside]) => (inside ? [] : [key]))]);
    for (const { act } of this.did('card')) this.#note(`task/${act.id}`, act.board);
  }

  did<K extends Act['kind']>(...kinds: K[]): Done<K>[] {
    return this.world.history.entries.filter((entry): entry is Done<K> => kinds.includes(entry.act.kind as K));
  }

  doc(name: string): Y.Doc {
    let doc = this.#docs.get(name);
    if (doc === undefined) this.#docs.set(name, (doc = stored(this.world.server.data, name)));
    return doc;
  }

  /** It was promised: the device, or the server, said that it has it. */
  isCertain({ fate }: Entry): boolean {
    return fate === 'sent' || fate === 'saved' || fate === 'waiting';
  }

  boardOf(doc: string): string | null {
    const [kind, id = ''] = doc.split('/');
    if (kind === 'board') return id;
    const ref = refOf(doc);
    return ref === null ? null : (this.#boardOf.get(ref) ?? null);
  }

  /** Someone's membership of that board was not always the same. */
  wasChanged(person: string, board: string | null): boolean {
    return this.world.changed.some((change) => change.person === person && change.board === board);
  }

  /** What this person wrote there may have been refused with good reason. */
  mayLose(person: string, doc: string): boolean {
    const [kind, id = ''] = doc.split('/');
    // One that was deleted is erased soon: then it is of no board any more.
    if (kind === 'room' && this.world.closedRooms.has(id)) return true;
    const board = this.boardOf(doc);
    if (board === null) return false;
    const room = doc.startsWith('room/') ? this.data.rooms.get(doc.split('/')[1] ?? '') : undefined;
    const notMade = doc.startsWith('room/') && room === undefined;
    const takenOut = room !== undefined && this.takenOut.has(`${room.id}/${person}`);
    return this.wasChanged(person, board) || notMade || takenOut;
  }

  /** A room that was removed: nothing that was in it is to be found any more. */
  isGone(ref: string): boolean {
    const room = this.data.rooms.get(ref.split('/')[1] ?? '');
    return ref.startsWith('room/') && room !== undefined && room.removedAt !== null;
  }

  /** Who may read a conversation: the members of its board, of a private room those in it. */
  mayRead(person: string, ref: string, board: string): boolean {
    const [kind, id = ''] = ref.split('/');
    const hidden = kind === 'room' && this.data.rooms.get(id)?.private === true;
    return this.isMember(person, board) && (!hidden || this.data.roomMembers.has(`${id}/${person}`));
  }

  /** Whether they could read it was not always the same. */
  wasMoved(person: string, ref: string, board: string | null): boolean {
    const key = `${ref.slice('room/'.length)}/${person}`;
    return this.wasChanged(person, board) || this.letIn.has(key) || this.takenOut.has(key);
  }

  isMember(person: string, board: string): boolean {
    return this.data.memberships.get(`${board}/${person}`) !== undefined;
  }

  conversations(): ConversationRef[] {
    return this.data.conversations.all().flatMap(({ ref }) => (this.isGone(ref) ? [] : [ref]));
  }

  #note(ref: string, board: string): void {
    if (!this.#boardOf.has(ref)) this.#boardOf.set(ref, board);
  }
}

/** All acts of one tab, each of them promised: then the last one counts. */
export function byOneTab(facts: Facts, entries: readonly Entry[]): boolean {
  return entries.every((entry) => entry.tab === entries[0]?.tab && facts.isCertain(entry));
}

/** The conversation that a volume's name belongs to. */
export function refOf(doc: string): ConversationRef | null {
  const at = parseDocName(doc);
  return at === null ? null : conversationOf(at);
}
