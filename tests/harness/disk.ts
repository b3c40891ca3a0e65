import { execFileSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmdirSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MB = 1024 * 1024;

/**
 * A small disk of its own that a test may fill: a tmpfs. Only root may mount one.
 */
export class SmallDisk {
  readonly path: string;
  #ballast = 0;

  private constructor(path: string) {
    this.path = path;
  }

  /** Whether this user may mount one. */
  static get possible(): boolean {
    return process.getuid?.() === 0;
  }

  static mount(megabytes: number, owner?: { uid: number; gid: number } | null): SmallDisk {
    const path = mkdtempSync(join(tmpdir(), 'taskflow-disk-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'taskflow-test', path], { stdio: 'pipe' });
    } catch (error) {
      rmdirSync(path);
      throw new Error('A full disk can be tested as root only: mounting a small one failed.', { cause: error });
    }
    if (owner) chownSync(path, owner.uid, owner.gid);
    return new SmallDisk(path);
  }

  get free(): number {
    const { bavail, bsize } = statfsSync(this.path);
    return bavail * bsize;
  }

  /** Fills it until about so many bytes are free. */
  fill(left: number): void {
    const size = this.free - left;
    if (size > 0) writeFileSync(join(this.path, `ballast-${this.#ballast++}`), Buffer.alloc(size, 1));
  }

  /** As `fill`, to the last byte, whatever else is written meanwhile. */
  fillUp(): void {
    for (let size = 16 * MB; size >= 4096;) {
      if (this.free < size) size /= 2;
      else {
        try {
          this.fill(this.free - size);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
        }
      }
    }
  }

  /** Gives back what `fill` took. */
  empty(): void {
    execFileSync('find', [this.path, '-maxdepth', '1', '-name', 'ballast-*', '-delete']);
  }

  unmount(): void {
    execFileSync('umount', ['-l', this.path]);
    rmSync(this.path, { recursive: true, force: true });
  }
}
