import {
  answerAsk,
  isWish,
  parseAskKey,
  readInbox,
  settleWish,
  type Answer,
  type Ask,
  type Wish,
} from '../../src/lib/model/inbox.ts';
import { readPrivateRooms } from '../../src/lib/model/inbox-rooms.ts';
import { inboxDoc } from '../../src/lib/model/names.ts';
import { isPlainObject } from '../../src/lib/model/plain.ts';
import { can } from '../../src/lib/model/roles.ts';
import { TITLE } from '../../src/lib/model/limits.ts';
import { isId, type BoardId, type RoomId, type UserId } from '../../src/lib/model/ids.ts';
import { cut } from '../../src/lib/model/plain.ts';
import type { Store } from '../store/store.ts';
import type { Writer } from '../sync/writer.ts';
import { grantPersonWish } from './person-wish.ts';
import { grantRoomWish } from './room-wish.ts';
import type { Handler } from './runner.ts';

/** People make rooms of one name offline at the same time; so many of them get a number behind it. */
const NAMES_TRIED = 20;

type RoomAsk = Extract<Ask, { kind: 'room' }>;

/** Brings to everybody's documents what was changed in the database. */
export type Told = {
  /** A board was made, or, if it is given, a private room of it. */
  made(board: BoardId, room: RoomId | null): Promise<void>;
  /** A room was changed. */
  changed(room: RoomId): Promise<void>;
  /** Somebody is out of a private room: their connections end, in the turn in which this is called. */
  out(user: UserId, board: BoardId, room: RoomId): void;
  /** It is not known whether something of the board was changed: its connections are judged anew, in the turn in which this is called. */
  unsure: (board: BoardId) => void;
  /** The same, for the documents of everybody concerned. */
  left(room: RoomId, user: UserId): Promise<void>;
};

/**
 * Makes the board or the room that someone asked for in their inbox, or changes a room, or answers why not. Making comes before
 * answering, and what is theirs already counts as made: so it may run again.
 */
export function ask(store: Store, writer: Writer, told: Told): Handler {
  return async ({ payload }) => {
    if (!isPlainObject(payload)) return;
    const { user, key } = payload;
    const at = typeof key === 'string' ? parseAskKey(key) : null;
    if (!isId(user) || at === null) return;
    const asks = await writer.read(inboxDoc(user), (doc) => readInbox(doc).asks);
    const asked = asks.find((one) => one.key === at.key);
    if (asked === undefined) return;
    if (isWish(asked)) {
      await makeFirst(user, asked.id, asks, store);
      const wishes = asks.filter((one) => isWish(one)).filter((one) => one.id === asked.id && one !== asked);
      // Who has left may do nothing there: what they wished before comes first.
      for (const wish of leaves(asked, user) ? [...wishes, asked] : [asked]) {
        await settle(user, wish, { store, writer, told });
      }
      return;
    }
    if (asked.kind === 'room') await makeBoardFirst(user, asked, asks, store);
    const answer = asked.kind === 'board' ? await makeBoard(user, asked, store) : await makeRoom(user, asked, store);
    if ('ok' in answer) {
      await (asked.kind === 'board'
        ? told.made(asked.id, null)
        : told.made(asked.board, asked.private ? asked.id : null));
    }
    await writer.write(inboxDoc(user), (doc) => {
      answerAsk(doc, asked.key, answer);
    });
  };
}

function leaves(wish: Wish, user: UserId): boolean {
  return wish.kind === 'person' && wish.user === user && !wish.inside;
}

/** Grants a wish, tells everybody, and answers it. */
async function settle(
  user: UserId,
  wish: Wish,
  { store, writer, told }: { store: Store; writer: Writer; told: Told },
): Promise<void> {
  // A run before may have died between leaving and telling. Who never was in the room changes nothing by leaving it.
  const isTold =
    leaves(wish, user) &&
    (await writer.read(inboxDoc(user), (doc) => !readPrivateRooms(doc).some(({ id }) => id === wish.id)));
  const answer =
    wish.kind === 'wish'
      ? await grantRoomWish(user, wish, store, told.unsure)
      : await grantPersonWish(user, wish, store, {
          out: (board) => told.out(wish.user, board, wish.id),
          unsure: told.unsure,
        });
  if ('ok' in answer && !isTold) {
    await (wish.kind === 'wish' || wish.inside ? told.changed(wish.id) : told.left(wish.id, wish.user));
  }
  await writer.write(inboxDoc(user), (doc) => settleWish(doc, wish, answer));
}

/** A room of a board that was made offline too: jobs run side by side, and this one may be the first. */
async function makeBoardFirst(user: UserId, room: RoomAsk, asks: readonly Ask[], store: Store): Promise<void> {
  const board = asks.find((one) => one.kind === 'board' && one.id === room.board);
  if (board?.kind === 'board') await makeBoard(user, board, store);
}

/** A room that was changed before it was ever made. */
async function makeFirst(user: UserId, id: RoomId, asks: readonly Ask[], store: Store): Promise<void> {
  const room = asks.find((one) => one.kind === 'room' && one.id === id);
  if (room?.kind !== 'room') return;
  await makeBoardFirst(user, room, asks, store);
  await makeRoom(user, room, store);
}

async function makeBoard(user: UserId, { id, title }: Extract<Ask, { kind: 'board' }>, store: Store): Promise<Answer> {
  if ((await store.boards.create({ id, title, owner: user })) === 'ok') return { ok: 1 };
  const there = await store.boards.get(id);
  return there?.by === user ? { ok: 1 } : { no: 'taken' };
}

async function makeRoom(user: UserId, asked: RoomAsk, store: Store): Promise<Answer> {
  const { id, board } = asked;
  const role = await store.boards.role(board, user);
  if (role === null) return { no: 'not-found' };
  if (!can(role, 'createRoom')) return { no: 'not-allowed' };
  for (let n = 1; n <= NAMES_TRIED; n++) {
    const name = n === 1 ? asked.name : `${cut(asked.name, TITLE - 4)} ${n}`;
    const made = await store.rooms.create({ id, board, name, by: user, private: asked.private });
    if (made === 'ok') return { ok: 1 };
    if (made === 'taken-id') {
      const there = await store.rooms.get(id);
      return there?.by === user && there.board === board ? { ok: 1 } : { no: 'taken' };
    }
  }
  return { no: 'taken' };
}
