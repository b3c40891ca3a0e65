import { writeVarUint } from 'lib0/encoding';
import * as Y from 'yjs';
import { mintClientId, SERVER_SEQ } from '../../src/lib/model/client-ids.ts';

/** One new key of a root map, with its JSON value. */
export type Entry = { root: string; key: string; value: unknown };

/**
 * Writes new keys into root maps of a document in the server's name, without the document: a map's first
 * entry under a key needs no neighbour, so the bytes follow from a clientID and a clock alone. Only for keys
 * that the document has not had yet; an overwrite would lose against the old value by chance.
 *
 * What a pen wrote must be stored in the order of writing. When storing fails, throw the pen away: its clock
 * is ahead of the log, and whatever it wrote next would wait for ever for the gap to be filled.
 */
export class Pen {
  readonly client = mintClientId(SERVER_SEQ);
  #clock = 0;

  /** The update that adds these entries, at least one. */
  write(entries: readonly Entry[]): Uint8Array {
    const encoder = new Y.UpdateEncoderV1();
    const rest = encoder.restEncoder;
    writeVarUint(rest, 1);
    writeVarUint(rest, entries.length);
    encoder.writeClient(this.client);
    writeVarUint(rest, this.#clock);
    for (const { root, key, value } of entries) {
      // Yjs takes the name of a root for a parent that is not resolved yet, as its own differential updates do.
      const parent = root as unknown as Y.AbstractType<unknown>;
      const id = Y.createID(this.client, this.#clock);
      new Y.Item(id, null, null, null, null, parent, key, new Y.ContentAny([value])).write(encoder, 0);
      this.#clock += 1;
    }
    writeVarUint(rest, 0);
    return encoder.toUint8Array();
  }
}
