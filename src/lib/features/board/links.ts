import { base } from '$app/paths';
import type { ConversationRef } from '$lib/model/names.ts';

/** Addresses of the pages of a board, below the path that TaskFlow is served under. */
export function boardHref(board: string): string {
  return `${base}/b/${board}`;
}

export function taskHref(board: string, task: string): string {
  return `${base}/b/${board}/t/${task}`;
}

export function roomHref(board: string, room: string): string {
  return `${base}/b/${board}/r/${room}`;
}

/** A link to one message; the volume saves the reader's device a search. */
export function messageHref(board: string, conversation: ConversationRef, volume: number, mid: string): string {
  const [kind, id] = conversation.split('/') as ['room' | 'task', string];
  const page = kind === 'room' ? roomHref(board, id) : taskHref(board, id);
  return `${page}?m=${mid}&v=${volume}`;
}
