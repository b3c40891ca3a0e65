import type { BoardId, RoomId } from '$lib/model/ids.ts';

/** The dialog that somebody asked for; one at a time. */
export type Asked =
  | { kind: 'board' }
  | { kind: 'room'; board: BoardId; /** Names of the rooms there are. */ taken: readonly string[] }
  | { kind: 'room-details'; board: BoardId; room: RoomId }
  | { kind: 'room-people'; board: BoardId; room: RoomId; name: string }
  | { kind: 'people'; board: BoardId }
  | { kind: 'palette'; /** What was typed for it before it was there. */ typed?: string }
  | { kind: 'shortcuts' };
