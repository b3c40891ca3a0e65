import { mkdirSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import type { DurableFS } from './fs.ts';
import { concat, firstValue, query } from './wire.ts';

/**
 * A single-user Postgres makes no checkpoint by itself, whatever max_wal_size says: without ours its WAL grew by all
 * that was ever written, and the next start would have replayed it.
 */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;
/** Every commit is an fsync; to ask for the position costs as much as a small query. */
const FSYNCS_BETWEEN_LOOKS = 16;

const START_PARAMS = [
  ...PGlite.defaultStartParams.filter((param) => param !== '-F'),
  ...[
    'fsync=on',
    'wal_sync_method=fsync',
    'synchronous_commit=on',
    'full_page_writes=on',
    'shared_buffers=16MB',
    'min_wal_size=32MB',
    'max_wal_size=128MB',
  ].flatMap((setting) => ['-c', setting]),
];

/** One embedded Postgres, and the guard of its promises. Blocks the thread that it runs in while it works. */
export class EmbeddedPostgres {
  readonly #fs: DurableFS;
  readonly #pg: PGlite;
  #looked = 0;
  #checkpointed = 0;

  private constructor(fs: DurableFS, pg: PGlite) {
    this.#fs = fs;
    this.#pg = pg;
  }

  /** Opens the database in `directory`, or makes one there. Rejects when its commits do not reach the disk. */
  static async open(directory: string, fileSystem: (directory: string) => DurableFS): Promise<EmbeddedPostgres> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const fs = fileSystem(directory);
    let lastLine = '';
    const pg = new PGlite({
      fs,
      startParams: START_PARAMS,
      onStderr: (line) => {
        if (/FATAL|PANIC/.test(line)) lastLine = line;
        return false;
      },
    });
    try {
      await pg.waitReady;
    } catch (error) {
      throw new Error(lastLine || (error instanceof Error ? error.message : String(error)), { cause: error });
    }
    const engine = new EmbeddedPostgres(fs, pg);
    engine.#probe();
    return engine;
  }

  get fsyncs(): number {
    return this.#fs.fsyncs;
  }

  /** Runs messages. Throws when what comes back cannot be trusted: then the thread must end, unanswered. */
  execute(messages: Uint8Array): Uint8Array {
    const chunks: Uint8Array[] = [];
    // The stream form calls back before it returns; what it hands out is only valid until then. It swallows whatever
    // is thrown inside of the engine, which shows as an answer without its end, or as a failed fsync.
    void this.#pg.execProtocolRawStream(messages, {
      syncToFs: false,
      onRawData: (bytes) => chunks.push(bytes.slice()),
    });
    if (this.#fs.failure !== null) throw new Error('The disk refused to be written', { cause: this.#fs.failure });
    return concat(chunks);
  }

  /** Makes a checkpoint when enough was written since the last one. */
  tend(): void {
    if (this.#fs.fsyncs - this.#looked < FSYNCS_BETWEEN_LOOKS) return;
    this.#looked = this.#fs.fsyncs;
    const position = this.#position();
    if (this.#checkpointed === 0) this.#checkpointed = position;
    if (position - this.#checkpointed < CHECKPOINT_BYTES) return;
    this.#ask('checkpoint');
    this.#checkpointed = this.#position();
  }

  close(): Promise<void> {
    return this.#pg.close();
  }

  #position(): number {
    return Number(this.#ask("select pg_current_wal_insert_lsn() - '0/0'::pg_lsn"));
  }

  #ask(sql: string): string | null {
    return firstValue(this.execute(query(sql)));
  }

  /** The hook in fs.ts leans on the inside of a dependency: a commit must be seen to reach the disk. */
  #probe(): void {
    const before = this.#fs.fsyncs;
    this.#ask("select pg_logical_emit_message(true, 'taskflow', 'probe')");
    if (this.#fs.fsyncs === before) throw new Error('a commit does not reach the disk (fsync is not called)');
  }
}
