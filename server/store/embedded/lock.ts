import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreRefused } from '../database.ts';

const SQLITE_BUSY = 5;

/**
 * Takes the data directory for this process, and returns what frees it. Two processes on one database directory damage
 * it, and the embedded engine takes no lock of its own. This one is the kernel's, held through SQLite because Node
 * itself has none: it goes when its holder dies, however it dies, so nothing stale is left to clean up.
 */
export function lockDirectory(dataDir: string): () => void {
  const file = new DatabaseSync(join(dataDir, 'taskflow.lock'));
  try {
    // A journal on the disk would be a second file beside the lock; nothing is ever written.
    file.exec('pragma journal_mode = memory; begin exclusive');
  } catch (error) {
    file.close();
    if (error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY) {
      throw new StoreRefused(
        `The data directory ${dataDir} is in use by another TaskFlow; stop that one, or set DATA_DIR to another directory.`,
        { cause: error },
      );
    }
    throw error;
  }
  return () => {
    file.close();
  };
}
