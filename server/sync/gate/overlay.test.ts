import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { Overlay, type DecodedUpdate } from './overlay.ts';
import { judge } from './judge.ts';
import { mintClientId } from '../../../src/lib/model/client-ids.ts';
import { deleteMessage, editMessage, sendMessage, setReactions } from '../../../src/lib/model/conversation.ts';
import type { DocName } from '../../../src/lib/model/names.ts';
import type { Verdict, Writer } from './verdict.ts';

const ANNA: Writer = { id: 'anna0000000000000000', seq: 1, role: 'member' };
const ROOM: DocName = { kind: 'room', id: 'room0000000000000000', volume: 1 };
const MID = 'first000000000000000';

/** What a person's document sends, one update for each act. */
function updatesOf(writer: Writer, ...acts: ((doc: Y.Doc) => void)[]): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = mintClientId(writer.seq, 1);
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(update));
  for (const act of acts) doc.transact(() => act(doc));
  return updates;
}

function ask(doc: Y.Doc, overlay: Overlay, update: Uint8Array, who = ANNA): Verdict {
  return judge({ name: ROOM, doc, overlay, who, update, step2: false });
}

function accepted(verdict: Verdict): DecodedUpdate {
  if (verdict.kind !== 'accept') throw new Error(`expected accept, got ${JSON.stringify(verdict)}`);
  return verdict.structs;
}

const PIPELINE = updatesOf(
  ANNA,
  (doc) => sendMessage(doc, ANNA.id, { text: 'one' }, { mid: MID, now: 1 }),
  (doc) => editMessage(doc, ANNA.id, MID, 'two'),
  (doc) => setReactions(doc, ANNA.id, `${ANNA.id}/${MID}`, ['👍']),
  (doc) => setReactions(doc, ANNA.id, `${ANNA.id}/${MID}`, []),
  (doc) => deleteMessage(doc, ANNA.id, MID),
);

describe('the overlay', () => {
  it('[G15] each update of a pipeline builds on those before it, applied or not', () => {
    const waiting = new Y.Doc();
    const applied = new Y.Doc();
    const overlay = new Overlay();
    for (const update of PIPELINE) {
      const before = ask(waiting, overlay, update);
      const after = ask(applied, new Overlay(), update);
      expect(before.kind === 'accept' && before.writes).toEqual(after.kind === 'accept' && after.writes);
      overlay.add(accepted(before));
      Y.applyUpdate(applied, update);
    }
    expect(overlay.size).toBe(PIPELINE.length);
    expect(waiting.share.size).toBe(0);
  });

  it('[G3] without the one before, an update is deferred', () => {
    const [, edit = new Uint8Array()] = PIPELINE;
    expect(ask(new Y.Doc(), new Overlay(), edit).kind).toBe('defer');
  });

  it('[G14] an echo of what is being logged awaits it; of what is applied, it does not', () => {
    const doc = new Y.Doc();
    const overlay = new Overlay();
    const [send = new Uint8Array()] = PIPELINE;
    const structs = accepted(ask(doc, overlay, send));
    overlay.add(structs);
    expect(ask(doc, overlay, send)).toEqual({ kind: 'echo', awaits: true });
    Y.applyUpdate(doc, send);
    overlay.remove(structs);
    expect(ask(doc, overlay, send)).toEqual({ kind: 'echo', awaits: false });
  });

  it('[G14] a deletion that is being logged is awaited too', () => {
    const doc = new Y.Doc();
    const [send, , react, unreact] = PIPELINE;
    for (const update of [send, PIPELINE[1], react]) Y.applyUpdate(doc, update ?? new Uint8Array());
    const overlay = new Overlay();
    overlay.add(accepted(ask(doc, overlay, unreact ?? new Uint8Array())));
    expect(ask(doc, overlay, unreact ?? new Uint8Array())).toEqual({ kind: 'echo', awaits: true });
  });

  it('[G16] removing in order keeps what is left; clearing forgets a failed commit', () => {
    const doc = new Y.Doc();
    const overlay = new Overlay();
    const all = PIPELINE.map((update) => {
      const structs = accepted(ask(doc, overlay, update));
      overlay.add(structs);
      return structs;
    });
    PIPELINE.forEach((update, i) => {
      Y.applyUpdate(doc, update);
      overlay.remove(all[i] as DecodedUpdate);
      for (const later of PIPELINE.slice(i + 1))
        expect(ask(doc, overlay, later)).toEqual({ kind: 'echo', awaits: true });
    });
    expect(overlay.size).toBe(0);
    expect([...overlay.clients()]).toEqual([]);
    overlay.add(all[0] as DecodedUpdate);
    overlay.clear();
    expect(ask(new Y.Doc(), overlay, PIPELINE[0] ?? new Uint8Array()).kind).toBe('accept');
  });

  it('[G9] the quota counts what is being logged', () => {
    const doc = new Y.Doc();
    const overlay = new Overlay();
    const write = (count: number, client: number): Verdict => {
      const other = new Y.Doc({ gc: false });
      other.clientID = mintClientId(ANNA.seq, client);
      for (let i = 0; i < count; i++) sendMessage(other, ANNA.id, { text: `${i}` }, { mid: MID, now: i });
      return ask(doc, overlay, Y.encodeStateAsUpdate(other));
    };
    overlay.add(accepted(write(3_000, 1)));
    expect(write(1_001, 2)).toMatchObject({ kind: 'refuse', code: 'quota' });
    expect(write(1_000, 2).kind).toBe('accept');
  });
});
