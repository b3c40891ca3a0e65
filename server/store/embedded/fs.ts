import { closeSync, fsyncSync, openSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { NodeFS } from '@electric-sql/pglite/nodefs';

type Init = NodeFS['init'];

/** The part of an emscripten module that this file leans on. Checked at the start by a probe, see worker.ts. */
interface Internals {
  FS: { ErrnoError: new (errno: number) => Error };
  NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } };
}

/** EIO as the C library inside counts. */
const EIO = 29;

/**
 * A directory of the real file system whose fsync is one. The stock NodeFS leaves it out, and then Postgres believes
 * that a commit is on the disk when a power cut can still take it: 20 of 20 simulated cuts lost acknowledged rows.
 * `fdatasync` is an empty function of the module itself, so Postgres must be told `wal_sync_method=fsync`.
 */
export class DurableFS extends NodeFS {
  /** How often something was written through to the disk. */
  fsyncs = 0;
  /** The disk refused once: what Postgres answers from then on is not to be believed. */
  failure: unknown = null;

  override async init(...[pg, options]: Parameters<Init>): ReturnType<Init> {
    const result = await super.init(pg, options);
    const { emscriptenOpts } = result;
    emscriptenOpts.preRun = [
      ...(emscriptenOpts.preRun ?? []),
      (mod) => {
        const { FS, NODEFS } = mod as unknown as Internals;
        NODEFS.stream_ops.fsync = (stream) => {
          try {
            fsyncSync(stream.nfd);
          } catch (error) {
            this.failure ??= error;
            throw new FS.ErrnoError(EIO);
          }
          this.fsyncs += 1;
          return 0;
        };
      },
    ];
    return result;
  }
}

/** Writes one file or directory entry through to the disk. */
export function fsyncPath(path: string): void {
  const file = openSync(path, 'r');
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** Writes a directory with everything in it through to the disk, and its name in its parent. */
export function fsyncTree(root: string): void {
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() || entry.isDirectory()) fsyncPath(join(entry.parentPath, entry.name));
  }
  fsyncPath(root);
  fsyncPath(dirname(root));
}
