import type * as Y from 'yjs';

const SPAN = 2 ** 32;
/** User numbers stay below 2²¹, so that a clientID stays below 2⁵³. */
export const SEQ_LIMIT = 2 ** 21;
/** The server's own number. No user has it. */
export const SERVER_SEQ = 0;

/**
 * A clientID that says whose it is: `seq · 2³² + random32`.
 * Throws when `seq` is no user number or `random32` no unsigned 32-bit number.
 */
export function mintClientId(seq: number, random32: number = randomUint32()): number {
  const isGood = Number.isInteger(seq) && seq >= 0 && seq < SEQ_LIMIT && random32 >>> 0 === random32;
  if (!isGood) throw new RangeError(`no clientID: ${seq}, ${random32}`);
  return seq * SPAN + random32;
}

/** The user number in a clientID; 0 is the server. */
export function ownerOf(clientId: number): number {
  return Math.floor(clientId / SPAN);
}

/**
 * Makes the document write under `seq` from now on, also after Yjs replaces the clientID (it does so
 * when someone else turns out to write under it, by a random one in the server's range).
 * Returns what ends it; the document then keeps the clientID it has.
 */
export function adopt(doc: Y.Doc, seq: number): () => void {
  const mint = (): void => {
    do doc.clientID = mintClientId(seq);
    while (doc.store.clients.has(doc.clientID));
  };
  // Yjs replaces the clientID just before this event, and sends the update just after it.
  const check = (): void => {
    if (ownerOf(doc.clientID) !== seq) mint();
  };
  mint();
  doc.on('afterTransactionCleanup', check);
  return () => {
    doc.off('afterTransactionCleanup', check);
  };
}

function randomUint32(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
}
