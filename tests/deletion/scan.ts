import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import postgres from 'postgres';
import { createLog } from '../../server/log.ts';
import { openEmbedded } from '../../server/store/embedded/embedded.ts';
import type { World } from '../sync/world.ts';

/** A word that stands nowhere else. */
export function canary(what: string): string {
  return `canary${what}${Math.random().toString(36).slice(2, 12)}`;
}

/** Which of these words are in the text, as themselves or as the bytes that Postgres writes in hexadecimal. */
export function found(words: readonly string[], text: string): string[] {
  return words.filter((word) => text.includes(word) || text.includes(Buffer.from(word).toString('hex')));
}

/** Every row of every table, all columns as text; only once the world's own store is closed. */
export async function rowsOf({ place }: World): Promise<{ table: string; row: string }[]> {
  const engine = place.databaseUrl ? null : await openEmbedded(place.dataDir, createLog({ level: 'silent' }));
  const sql = (engine?.pool as unknown as postgres.Sql | undefined) ?? postgres(place.databaseUrl ?? '', { max: 1 });
  try {
    const tables = await sql<{ name: string }[]>`
      select quote_ident(table_name) as name from information_schema.tables where table_schema = current_schema()`;
    const rows: { table: string; row: string }[] = [];
    for (const { name } of tables) {
      for (const { row } of await sql.unsafe<{ row: string }[]>(`select t::text as row from ${name} t`)) {
        rows.push({ table: name, row });
      }
    }
    return rows;
  } finally {
    await (engine === null ? sql.end() : engine.close());
  }
}

/** The files under a folder in whose bytes a word is. */
export function filesWith(folder: string, word: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && readFileSync(join(entry.parentPath, entry.name)).includes(word))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
}
