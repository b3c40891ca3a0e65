/**
 * Prints a document as it is stored, as JSON: node server/cli/inspect.ts room/<id>/1
 *
 * Reads the database that the environment names, as the server would. The embedded one has one user at a time, so
 * stop the server first. Prints what people wrote: mind where you paste it.
 */
import * as Y from 'yjs';
import { BOARD_ROOT, HEADS_ROOT, PEOPLE_ROOT, ROOMS_ROOT } from '../../src/lib/model/board.ts';
import { CONVERSATION_ROOTS } from '../../src/lib/model/conversation.ts';
import {
  ASKED_ROOT,
  ASK_ROOT,
  BOARDS_ROOT,
  DRAFTS_ROOT,
  NOTIFICATIONS_ROOT,
  PREFS_ROOT,
  READ_ROOT,
} from '../../src/lib/model/inbox.ts';
import { parseDocName, type DocName } from '../../src/lib/model/names.ts';
import { description } from '../../src/lib/model/task.ts';
import { ConfigError, readConfig } from '../config.ts';
import { createLog } from '../log.ts';
import { openStore } from '../store/store.ts';

const MAPS: Record<Exclude<DocName['kind'], 'task'>, readonly string[]> = {
  board: [BOARD_ROOT, PEOPLE_ROOT, ROOMS_ROOT, HEADS_ROOT],
  room: CONVERSATION_ROOTS,
  thread: CONVERSATION_ROOTS,
  inbox: [BOARDS_ROOT, READ_ROOT, DRAFTS_ROOT, PREFS_ROOT, ASK_ROOT, ASKED_ROOT],
};

function contentOf({ kind }: DocName, doc: Y.Doc): Record<string, unknown> {
  if (kind === 'task') return { desc: description(doc).toJSON() };
  const maps = Object.fromEntries(MAPS[kind].map((root) => [root, doc.getMap(root).toJSON()]));
  return kind === 'inbox' ? { [NOTIFICATIONS_ROOT]: doc.getArray(NOTIFICATIONS_ROOT).toJSON(), ...maps } : maps;
}

async function inspect(given: string): Promise<object> {
  const name = parseDocName(given);
  if (!name)
    throw new ConfigError('Name a document: board/<id>, room/<id>/<n>, task/<id>, task/<id>/<n> or inbox/<id>.');
  const { databaseUrl, dataDir } = readConfig(process.env);
  const store = await openStore({ databaseUrl, dataDir, log: createLog({ level: 'warn' }) });
  try {
    const stored = await store.documents.load(given);
    if (!stored) throw new ConfigError(`Nothing was ever written to ${given}.`);
    const doc = new Y.Doc();
    const rows = [...(stored.snapshot ? [stored.snapshot] : []), ...stored.updates.map(({ data }) => data)];
    for (const row of rows) Y.applyUpdate(doc, row);
    return {
      name: given,
      epoch: stored.epoch,
      bytes: rows.reduce((sum, row) => sum + row.length, 0),
      updates: stored.updates.length,
      clientIds: doc.store.clients.size,
      content: contentOf(name, doc),
    };
  } finally {
    await store.close();
  }
}

try {
  console.log(JSON.stringify(await inspect(process.argv[2] ?? ''), null, 2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
