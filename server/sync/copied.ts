import { createHash } from 'node:crypto';
import type { Slot } from '../../src/lib/model/message-slots.ts';

/**
 * The key in `meta` under which an old volume notes which words of a message were copied to the head when it was moved:
 * those are not news, however late somebody comes to take them away. Gone with them.
 */
export function copiedKey(slot: Slot): string {
  return `copied/${slot}`;
}

/** Tells values apart without keeping words. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);
}
