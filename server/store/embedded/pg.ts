import { mkdirSync } from 'node:fs';
import { PGlite } from '@electric-sql/pglite';
import type { DurableFS } from './fs.ts';
import { inWords, Room } from './room.ts';
import { concat, firstValue, query, recode } from './wire.ts';

/**
 * A single-user Postgres makes no checkpoint by itself, whatever max_wal_size says: without ours its WAL grew by all
 * that was ever written, and the next start would have replayed it.
 */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;
/** Every commit is an fsync; to ask for the position costs as much as a small query. */
const FSYNCS_BETWEEN_LOOKS = 16;

/** What Postgres says of a write in a read-only transaction, and of a disk that is full. */
const READ_ONLY_TRANSACTION = '25006';
const DISK_FULL = '53100';

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
  readonly #room: Room;
  #looked = 0;
  #checkpointed = 0;

  private constructor(fs: DurableFS, pg: PGlite, room: Room) {
    this.#fs = fs;
    this.#pg = pg;
    this.#room = room;
  }

  /**
   * Opens the database in `directory`, or makes one there. Rejects when its commits do not reach the disk.
   * `onPanic` hears the last words of an engine that gives up later, and must end the thread: the engine would go on
   * reading its input for ever.
   */
  static async open(
    directory: string,
    fileSystem: (directory: string) => DurableFS,
    onPanic: (why: string) => void = () => undefined,
  ): Promise<EmbeddedPostgres> {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const fs = fileSystem(directory);
    let lastLine = '';
    let opened = false;
    const pg = new PGlite({
      fs,
      startParams: START_PARAMS,
      onStderr: (line) => {
        if (/FATAL|PANIC/.test(line)) lastLine = line;
        if (opened && line.includes('PANIC')) onPanic(inWords(line));
        return false;
      },
    });
    try {
      await pg.waitReady;
    } catch (error) {
      const why = inWords(lastLine) || (error instanceof Error ? error.message : String(error));
      throw new Error(why, { cause: error });
    }
    opened = true;
    const engine = new EmbeddedPostgres(fs, pg, new Room(directory));
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
    const answer = concat(chunks);
    return this.#room.full ? recode(answer, READ_ONLY_TRANSACTION, DISK_FULL) : answer;
  }

  /**
   * Looks at the disk, before each piece of work. With too little room, every transaction from now on is read-only:
   * reads go on, writes fail with 53100 (disk_full), and it ends by itself when there is room again. `onChange` hears
   * of both.
   */
  watchRoom(onChange: (full: boolean) => void): void {
    if (!this.#room.look()) return;
    const { full } = this.#room;
    // What the log has that is not needed any more is given back.
    if (full) this.#ask('checkpoint');
    this.#ask(`set default_transaction_read_only = ${full ? 'on' : 'off'}`);
    onChange(full);
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
