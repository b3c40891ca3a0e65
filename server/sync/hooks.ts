import { Hocuspocus, type Connection } from '@hocuspocus/server';
import { parseDocName } from '../../src/lib/model/names.ts';
import type { Log } from '../log.ts';
import type { Store } from '../store/store.ts';
import { readOnly, type Access } from './access.ts';
import { hearAwareness, tellTogether } from './awareness.ts';
import type { Context } from './context.ts';
import type { Corridor } from './corridor.ts';
import { SYNC } from './frames.ts';
import type { Intake } from './intake.ts';
import { loadInto } from './load.ts';
import { Ending, REASON, Unavailable } from './outcome.ts';
import type { Socket } from './socket.ts';
import { Turns } from './turns.ts';
import type { AuthedUser } from './types.ts';

/** Documents of one socket that wait to be let in: a client that returns asks for all of its own at once. */
const PENDING_DOCUMENTS = 500;
/** As long as a timer lasts: it looks at the day's clock, and does not count signs of life. We watch for ourselves. */
const NEVER_MS = 2 ** 31 - 1;

/**
 * Hocuspocus with the corridor in its awaited hooks. The hooks that it does not await hold nothing of ours, and
 * what is thrown is always an Error with `code` and `reason`: anything else would end the process.
 */
export function createHocuspocus(o: {
  corridor: Corridor;
  intake: Intake;
  access: Access;
  store: Store;
  log: Log;
  /** Hears of a document that someone opened. Must not throw. */
  onOpened: (name: string) => void;
}): Hocuspocus<Context> {
  const { corridor, intake, access, store, log } = o;
  const turns = new Turns();

  /** Looks up who this is and what they may do. Throws the Ending that says why not. */
  async function admit(socket: Socket, token: string, documentName: string): Promise<Omit<Context, 'socket'>> {
    const at = parseDocName(documentName);
    if (at === null) throw new Ending(REASON.notFound);
    const asOf = access.now;
    let who: AuthedUser | null;
    let grant;
    try {
      who = await socket.identify(token);
      grant = who === null ? null : await access.grant(at, who.id);
    } catch (error) {
      log.warn('cannot look up access', { name: documentName, error });
      throw new Unavailable(error);
    }
    if (who === null) throw new Ending(REASON.signedOut);
    if (grant === null) throw new Ending(REASON.notFound);
    return { who, token, grant, asOf, readOnly: readOnly(at, grant), resyncing: false, failedResyncs: 0 };
  }

  /** Looks again when something changed since: the change may have come between the looking up and the letting in. */
  async function confirm(connection: Connection<Context>): Promise<void> {
    const { context, document } = connection;
    if (!access.changedSince(context.asOf, context.who.id, context.grant.board)) return;
    try {
      const { who, grant, asOf, readOnly } = await admit(context.socket, context.token, document.name);
      Object.assign(context, { who, grant, asOf, readOnly });
      connection.readOnly = readOnly;
    } catch (error) {
      const reason = error instanceof Ending ? error.reason : REASON.unavailable;
      throw new Ending(reason === REASON.notFound ? REASON.revoked : reason);
    }
  }

  /** After a wait: what is on its way to be told may not be theirs to hear any more. */
  async function stillThere(connection: Connection<Context>): Promise<void> {
    // Messages that were queued when the connection was closed still come by here.
    if (!connection.document.hasConnection(connection)) throw new Ending(REASON.revoked);
    corridor.laneOf(connection.document);
    await confirm(connection);
  }

  /**
   * Ends the document for this client, and with it what is queued behind. Never settles: Hocuspocus prints whatever is
   * thrown at it, so that a stranger could fill the output, and goes on with the message when nothing is.
   */
  function end(connection: Connection<Context>, error: unknown): Promise<never> {
    if (!(error instanceof Ending)) log.error('ended by a fault', { name: connection.document.name, error });
    connection.close(error instanceof Ending ? error : new Ending(REASON.unavailable));
    // Hocuspocus would do this once the message is handled.
    corridor.released(connection.document.name);
    return new Promise<never>(() => undefined);
  }

  const hocuspocus: Hocuspocus<Context> = new Hocuspocus<Context>({
    quiet: true,
    timeout: NEVER_MS,
    maxPendingDocuments: PENDING_DOCUMENTS,
    yDocOptions: { gc: true, gcFilter: () => true },

    async onAuthenticate({ token, documentName, context, connectionConfig }) {
      const admitted = await admit(context.socket, token, documentName);
      connectionConfig.readOnly = admitted.readOnly;
      return admitted;
    },

    async onLoadDocument({ document, documentName }) {
      tellTogether(document);
      try {
        await corridor.lanes.open(documentName).load(document, async (doc) => {
          return (await loadInto(doc, documentName, store, log)).bytes;
        });
      } catch (error) {
        log.warn('cannot load', { name: documentName, error });
        // Hocuspocus leaves it behind, with its timers.
        document.destroy();
        throw new Unavailable(error);
      }
    },

    async connected({ connection, documentName }) {
      try {
        // It may have been unloaded in the very moment of attaching.
        corridor.laneOf(connection.document);
        await confirm(connection);
        o.onOpened(documentName);
      } catch (error) {
        // Not `end`, which never settles: nothing is queued behind this.
        connection.close(error instanceof Ending ? error : new Ending(REASON.unavailable));
      }
    },

    async beforeHandleMessage({ connection }) {
      await turns.next();
      try {
        await stillThere(connection);
      } catch (error) {
        await end(connection, error);
      }
    },

    async beforeSync({ connection, type, payload }) {
      try {
        if (type !== SYNC.step1) await intake.receive(connection, payload.slice(), type === SYNC.step2);
        else if (await connection.context.socket.inPace()) await stillThere(connection);
      } catch (error) {
        await end(connection, error);
      }
    },

    afterHandleMessage({ connection }) {
      connection.readOnly = connection.context.readOnly;
      return Promise.resolve();
    },

    beforeHandleAwareness({ connection, document, states }) {
      if (connection === undefined) states.clear();
      else hearAwareness(states, document, connection);
      return Promise.resolve();
    },

    beforeUnloadDocument({ document, documentName, instance }) {
      const lane = corridor.lanes.find(documentName);
      // By now it may be another document of that name that would be taken out.
      const other = instance.documents.get(documentName) !== document;
      const inUse = lane?.live === document && lane.busy;
      return other || inUse ? Promise.reject(new Ending('in use')) : Promise.resolve();
    },
  });
  corridor.attach(hocuspocus);
  return hocuspocus;
}
