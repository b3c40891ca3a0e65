import { spawn, type ChildProcess } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NodeFS } from '@electric-sql/pglite/nodefs';
import { afterEach, describe, expect, test } from 'vitest';
import { openEmbedded } from '../../server/store/embedded/embedded.ts';
import { DurableFS } from '../../server/store/embedded/fs.ts';
import { EmbeddedPostgres } from '../../server/store/embedded/pg.ts';
import { query } from '../../server/store/embedded/wire.ts';
import { openStore, StoreRefused, StoreUnavailable, type Store } from '../../server/store/store.ts';
import { freshDataDir } from '../harness/data-dir.ts';
import { silent } from './engines.ts';

const WRITER = fileURLToPath(new URL('./embedded-writer.ts', import.meta.url));

const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

function removed(dir: string): string {
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
const emptyDir = () => removed(mkdtempSync(join(tmpdir(), 'taskflow-data-')));
const dataDirWithDatabase = async () => removed(await freshDataDir());

async function open(dataDir: string): Promise<Store> {
  const store = await openStore({ dataDir, log: silent });
  cleanups.push(() => store.close());
  return store;
}

/** Another process on a data directory. */
class Writer {
  output = '';
  errors = '';
  readonly exited: Promise<number | null>;
  readonly #process: ChildProcess;

  constructor(dataDir: string, writers: number) {
    this.#process = spawn(process.execPath, [WRITER, dataDir, String(writers)], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.#process.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
    this.exited = new Promise((resolve) => this.#process.once('exit', (code) => resolve(code)));
    cleanups.push(() => this.kill());
  }

  /** Resolves when so many lines are out. */
  async lines(count: number): Promise<void> {
    while (this.output.split('\n').length <= count) {
      const ended = await Promise.race([this.exited, new Promise((resolve) => setTimeout(resolve, 10, 'alive'))]);
      if (ended !== 'alive') throw new Error(`The writer ended: ${this.errors}`);
    }
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.exited;
  }

  /** What it was told is stored, by document. */
  acknowledged(): Map<string, number[]> {
    const all = new Map<string, number[]>();
    for (const line of this.output.slice(0, this.output.lastIndexOf('\n')).split('\n').slice(1)) {
      const [writer, ...ids] = line.split(' ');
      const name = `board/writer${writer}`;
      all.set(name, [...(all.get(name) ?? []), ...ids.map(Number)]);
    }
    return all;
  }
}

describe('the embedded engine', () => {
  test('[DB24] a second process on the directory is refused in one sentence that names it', async () => {
    const dir = await dataDirWithDatabase();
    await open(dir);
    const second = new Writer(dir, 0);
    expect(await second.exited).toBe(1);
    expect(second.errors.trim()).toBe(
      `The data directory ${dir} is in use by another TaskFlow; stop that one, or set DATA_DIR to another directory.`,
    );
    await expect(openStore({ dataDir: dir, log: silent })).rejects.toBeInstanceOf(StoreRefused);
  });

  test('[DB24] a directory that was closed is free', async () => {
    const dir = await dataDirWithDatabase();
    const store = await openStore({ dataDir: dir, log: silent });
    await store.close();
    await store.close();
    await (await open(dir)).ping();
    await expect(store.ping()).rejects.toBeInstanceOf(StoreUnavailable);
  });

  test('[DB23] [DB24] a process killed under load frees the directory, and every acknowledged row is there', async () => {
    const dir = await dataDirWithDatabase();
    const acknowledged = new Map<string, number[]>();
    for (let round = 1; round <= 3; round++) {
      const writer = new Writer(dir, 6);
      await writer.lines(1 + 20 * round);
      await writer.kill();
      for (const [name, ids] of writer.acknowledged()) {
        acknowledged.set(name, [...(acknowledged.get(name) ?? []), ...ids]);
      }
      const store = await openStore({ dataDir: dir, log: silent });
      for (const [name, ids] of acknowledged) {
        const there = (await store.documents.load(name))?.updates.map(({ id }) => id) ?? [];
        expect(there).toEqual(there.map((_, i) => i + 1));
        expect(there).toEqual(expect.arrayContaining(ids));
        expect(there.length % 3).toBe(0);
      }
      await store.close();
    }
  });

  test('[DB25] a database is made in its place, for its owner only', async () => {
    const dir = join(emptyDir(), 'below', 'data');
    const store = await open(dir);
    await store.ping();
    for (const each of [dir, join(dir, 'postgres')]) expect(statSync(each).mode & 0o777).toBe(0o700);
    expect(readdirSync(dir).sort()).toEqual(['postgres', 'taskflow.lock']);
  });

  test('[DB25] a start that was killed while it made the database leaves nothing in the way', async () => {
    const dir = emptyDir();
    const first = new Writer(dir, 0);
    while (!existsSync(join(dir, 'postgres.new', 'PG_VERSION'))) await new Promise((resolve) => setTimeout(resolve, 5));
    await first.kill();
    expect(existsSync(join(dir, 'postgres'))).toBe(false);
    await (await open(dir)).ping();
    expect(existsSync(join(dir, 'postgres.new'))).toBe(false);
  });

  test('[DB26] a directory of another PostgreSQL is refused in one sentence, and left as it is', async () => {
    const dir = await dataDirWithDatabase();
    const version = join(dir, 'postgres', 'PG_VERSION');
    writeFileSync(version, '17\n');
    const refused = await openStore({ dataDir: dir, log: silent }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StoreRefused);
    expect((refused as Error).message).toBe(
      `The database in ${join(dir, 'postgres')} is of PostgreSQL 17, and this TaskFlow brings PostgreSQL 18; start it with the TaskFlow that made it.`,
    );
    writeFileSync(version, '18\n');
    await (await open(dir)).ping();
  });

  test('[DB26] so is one that holds no database', async () => {
    const dir = emptyDir();
    mkdirSync(join(dir, 'postgres'));
    writeFileSync(join(dir, 'postgres', 'notes.txt'), 'mine');
    await expect(openStore({ dataDir: dir, log: silent })).rejects.toThrow(/is there but holds no database; move it/);
    expect(readFileSync(join(dir, 'postgres', 'notes.txt'), 'utf8')).toBe('mine');
  });

  test('[DB26] one that cannot be opened is refused with the engine’s own reason', async () => {
    const dir = await dataDirWithDatabase();
    rmSync(join(dir, 'postgres', 'global', 'pg_control'));
    const refused = await openStore({ dataDir: dir, log: silent }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StoreRefused);
    expect((refused as Error).message).toMatch(/^The embedded database in .* cannot be opened: .+\.$/);
  });

  test('[DB23] a commit is on the disk before it is answered, and an engine that leaves that out is refused', async () => {
    const dir = join(await dataDirWithDatabase(), 'postgres');
    const engine = await EmbeddedPostgres.open(dir, (directory) => new DurableFS(directory));
    engine.execute(query('create table t (i integer)'));
    for (let i = 0; i < 5; i++) {
      const before = engine.fsyncs;
      engine.execute(query(`insert into t values (${i})`));
      expect(engine.fsyncs).toBeGreaterThan(before);
    }
    await engine.close();

    /** As the engine is without our hook, or would be after its inside has changed. */
    class StockFS extends DurableFS {
      override init(...args: Parameters<NodeFS['init']>): ReturnType<NodeFS['init']> {
        return NodeFS.prototype.init.apply(this, args);
      }
    }
    await expect(EmbeddedPostgres.open(dir, (directory) => new StockFS(directory))).rejects.toThrow(
      'a commit does not reach the disk',
    );
  });

  test('[DB29] a disk that refuses to be written ends the engine before it answers', async () => {
    const dir = join(await dataDirWithDatabase(), 'postgres');
    const fs = new DurableFS(dir);
    const engine = await EmbeddedPostgres.open(dir, () => fs);
    fs.failure = new Error('EIO');
    expect(() => engine.execute(query('select 1'))).toThrow('The disk refused to be written');
  });

  test('[DB29] an engine that ends by itself is reported once, and its callers get StoreUnavailable', async () => {
    const dir = await dataDirWithDatabase();
    const engine = await openEmbedded(dir, silent);
    const lost: Error[] = [];
    const reported = new Promise<void>((resolve) =>
      engine.onLost((error) => {
        lost.push(error);
        resolve();
      }),
    );
    // The next commit needs a file that cannot be made: Postgres panics.
    await engine.pool`select pg_switch_wal()`;
    rmSync(join(dir, 'postgres', 'pg_wal'), { recursive: true });
    const writers = [1, 2, 3].map((n) => engine.pool`select pg_logical_emit_message(true, 'test', ${String(n)})`);
    const answers = await Promise.allSettled(writers);
    await reported;
    for (const answer of answers) expect(answer).toMatchObject({ reason: { code: 'CONNECTION_CLOSED' } });
    await expect(engine.pool`select 1`).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    await engine.close();
    expect(lost).toHaveLength(1);
  });

  test('[DB29] one that panics in the middle of a transaction ends, instead of running for ever', async () => {
    const dir = await dataDirWithDatabase();
    const engine = await openEmbedded(dir, silent);
    const lost = new Promise<Error>((resolve) => engine.onLost(resolve));
    await engine.pool`create table t (i text)`;
    await engine.pool`select pg_switch_wal()`;
    rmSync(join(dir, 'postgres', 'pg_wal'), { recursive: true });
    const work = engine.pool.begin((sql) => Promise.all(['a', 'b'].map((text) => sql`insert into t values (${text})`)));
    await expect(work).rejects.toMatchObject({ code: 'CONNECTION_CLOSED' });
    expect((await lost).message).toContain('PANIC');
    await engine.close();
  });

  test('[DB28] the write-ahead log stays small however much is written', async () => {
    const dir = join(await dataDirWithDatabase(), 'postgres');
    const engine = await EmbeddedPostgres.open(dir, (directory) => new DurableFS(directory));
    engine.execute(query('create table t (i integer, filler text)'));
    for (let written = 0; written < 7; written++) {
      engine.execute(query("insert into t select i, repeat('x', 500) from generate_series(1, 60000) i"));
      engine.execute(query('truncate t'));
      engine.tend();
    }
    const segments = readdirSync(join(dir, 'pg_wal')).filter((file) => /^[0-9A-F]{24}$/.test(file));
    await engine.close();
    // 16 MB each. Without a checkpoint there would be 15, one for each that was ever written.
    expect(segments.length).toBeLessThanOrEqual(10);
  });
});
