import { OutgoingMessage, type Connection } from '@hocuspocus/server';
import type * as Y from 'yjs';
import type { Log } from '../log.ts';
import type { Grant } from './access.ts';
import { endSocket, type Context } from './context.ts';
import type { Corridor } from './corridor.ts';
import { judge } from './gate/judge.ts';
import type { Verdict } from './gate/verdict.ts';
import type { Lane } from './lanes.ts';
import { isPassing, refusal, Unavailable } from './outcome.ts';
import type { AuthedUser } from './types.ts';

/** An honest client's full answer is complete; one that keeps lacking something will always. */
const FAILED_RESYNCS = 3;

/** Where updates come in: the gate's verdict on each, and what follows from it. */
export class Intake {
  readonly #corridor: Corridor;
  readonly #log: Log;

  constructor(corridor: Corridor, log: Log) {
    this.#corridor = corridor;
    this.#log = log;
  }

  /**
   * Takes in what a client sent. Resolves when it may be acknowledged (`connection.readOnly` says how: Hocuspocus
   * answers 'not saved' to a deferred one). Rejects with an Ending that closes the document for this client.
   */
  async receive(connection: Connection<Context>, update: Uint8Array, step2: boolean): Promise<void> {
    const { context } = connection;
    if (step2) context.resyncing = false;
    const lane = this.#corridor.laneOf(connection.document);
    const verdict = this.#judge(lane, connection.document, context.who, context.grant, update, step2);
    switch (verdict.kind) {
      case 'echo':
        connection.readOnly = false;
        if (verdict.awaits) await this.#stored(connection, lane.last);
        break;
      case 'accept':
        connection.readOnly = false;
        await this.#stored(
          connection,
          this.#corridor.submit({
            lane,
            name: lane.name,
            bytes: update.length,
            alone: false,
            update,
            author: context.who.id,
            writes: verdict.writes,
            lost: verdict.lost,
            structs: verdict.structs,
            also: null,
            beside: null,
            carried: [],
            connection,
          }),
        );
        break;
      case 'defer':
        this.#defer(connection, step2, verdict.why);
        return;
      case 'refuse':
        this.#corridor.counts.refused += 1;
        this.#log.info('refused', { name: lane.name, user: context.who.id, code: verdict.code, why: verdict.why });
        throw refusal(verdict.code);
    }
    context.failedResyncs = 0;
  }

  /** Judges against what is applied and what is on its way. A gate that throws refuses. */
  #judge(
    lane: Lane,
    doc: Y.Doc,
    who: AuthedUser,
    { role, archived }: Grant,
    update: Uint8Array,
    step2: boolean,
  ): Verdict {
    try {
      return judge({
        name: lane.at,
        doc,
        overlay: lane.overlay,
        who: { id: who.id, seq: who.seq, role, archived },
        update,
        step2,
      });
    } catch (error) {
      this.#log.error('the gate threw', { name: lane.name, user: who.id, error });
      return { kind: 'refuse', code: 'malformed', why: 'cannot be judged' };
    }
  }

  /** Waits for the log. What it cannot do for a passing reason closes the socket first, so that the client comes back. */
  async #stored(connection: Connection<Context>, done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (error) {
      if (!isPassing(error)) throw refusal('bad-value');
      endSocket(connection);
      throw error;
    }
  }

  /** A person's update from elsewhere than a socket: it must be of a clientID of theirs. */
  judgeWrite(lane: Lane, who: AuthedUser, grant: Grant, update: Uint8Array): Verdict {
    if (lane.live === null) throw new Unavailable();
    return this.#judge(lane, lane.live, who, grant, update, false);
  }

  /**
   * Something is missing that this builds on: ask for all of it. Further ones that lack the same do not ask again,
   * because the answer that is under way brings it.
   */
  #defer(connection: Connection<Context>, step2: boolean, why: string): void {
    const { context, document } = connection;
    this.#corridor.counts.deferred += 1;
    connection.readOnly = true;
    if (step2) context.failedResyncs += 1;
    if (context.failedResyncs >= FAILED_RESYNCS) {
      this.#log.info('refused', { name: document.name, user: context.who.id, code: 'malformed', why });
      this.#corridor.counts.refused += 1;
      throw refusal('malformed');
    }
    if (context.resyncing) return;
    context.resyncing = true;
    this.#log.debug('deferred', { name: document.name, user: context.who.id, why });
    const step1 = new OutgoingMessage(connection.messageAddress).createSyncMessage().writeFirstSyncStepFor(document);
    connection.send(step1.toUint8Array());
  }
}
