import type { StorageReason } from './idb.ts';

/** Those that make every change unsafe come before one that has only lost something. */
const GRAVEST: readonly StorageReason[] = ['unavailable', 'quota', 'blocked', 'timeout', 'closed', 'corrupt'];

/** What storage on this device fails at now, of all databases of one person in this tab. */
export class StorageFaults {
  readonly #reasons = new Map<string, StorageReason>();
  #worst = $state<StorageReason | null>(null);
  #lost = $state(0);

  /** The reason that says most, or null while all is well. */
  get worst(): StorageReason | null {
    return this.#worst;
  }

  /** Changes that nobody else has and that could not be read from this device any more. */
  get lost(): number {
    return this.#lost;
  }

  /** True while something that this person does may not be kept on this device. */
  get keepsNothing(): boolean {
    return this.#worst !== null && this.#worst !== 'corrupt';
  }

  /** `reason` is null when this database works again, or is not in use any more. */
  report(database: string, reason: StorageReason | null): void {
    if (reason === null) this.#reasons.delete(database);
    else this.#reasons.set(database, reason);
    const now = new Set(this.#reasons.values());
    this.#worst = GRAVEST.find((one) => now.has(one)) ?? null;
  }

  lose(changes: number): void {
    this.#lost += changes;
  }

  /** The person has read of it. */
  forgetLost(): void {
    this.#lost = 0;
  }
}
