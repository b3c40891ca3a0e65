import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createLog } from '../../server/log.ts';
import { openStore } from '../../server/store/store.ts';

const STORE = fileURLToPath(new URL('../../server/store/', import.meta.url));

/** What an embedded database is made from: with any of it changed, the template of before is of no use. */
function recipe(): string {
  const hash = createHash('sha256');
  for (const folder of ['migrations', 'embedded']) {
    for (const file of readdirSync(join(STORE, folder)).sort()) hash.update(readFileSync(join(STORE, folder, file)));
  }
  // Their order is in there.
  hash.update(readFileSync(join(STORE, 'migrate.ts')));
  hash.update(readFileSync(fileURLToPath(import.meta.resolve('@electric-sql/pglite'))));
  return hash.digest('hex').slice(0, 16);
}

const PREFIX = `taskflow-template-${userInfo().uid}-`;
const STALE_MS = 24 * 3_600_000;

async function template(): Promise<string> {
  const place = join(tmpdir(), PREFIX + recipe());
  if (existsSync(place)) return place;
  removeStale();
  const made = mkdtempSync(join(tmpdir(), 'taskflow-template-new-'));
  const store = await openStore({ dataDir: made, log: createLog({ level: 'silent' }) });
  await store.close();
  try {
    renameSync(made, place);
  } catch (error) {
    // Another test process was faster.
    if (!existsSync(place)) throw error;
    rmSync(made, { recursive: true });
  }
  return place;
}

/** Removes templates of earlier versions; none that another test process may be copying from right now. */
function removeStale(): void {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const path = join(tmpdir(), name);
    if (Date.now() - statSync(path).mtimeMs > STALE_MS) rmSync(path, { recursive: true, force: true });
  }
}

/**
 * A data directory with an empty embedded database that has all migrations: a copy of one that is made once, because
 * to make one takes seconds of processor time. The caller removes it.
 */
export async function freshDataDir(): Promise<string> {
  const source = await template();
  const dir = mkdtempSync(join(tmpdir(), 'taskflow-data-'));
  mkdirSync(join(dir, 'postgres'), { mode: 0o700 });
  cpSync(join(source, 'postgres'), join(dir, 'postgres'), { recursive: true });
  chmodSync(dir, 0o700);
  return dir;
}
