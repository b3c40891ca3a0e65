import { current } from './current.svelte.ts';
import { estimate, persisted } from './estimate.ts';
import type { StorageReason } from './idb.ts';

export type { StorageReason };

/**
 * How much this device keeps, and whether the browser promised to keep it. Read anew by `refresh`. What wipes it is
 * `session.signOut({ wipe: true })`, because copies without their person would be made again.
 */
class DeviceStorage {
  /** Why this device keeps nothing now, or has lost something; null while all is well. */
  get fault(): StorageReason | null {
    return current.client?.faults.worst ?? null;
  }

  /** True while what this person does may not be kept on this device. */
  get keepsNothing(): boolean {
    return current.client?.faults.keepsNothing ?? false;
  }

  /** Changes that were only on this device and could not be read any more. */
  get lost(): number {
    return current.client?.faults.lost ?? 0;
  }

  /** The person has read of what was lost. */
  forgetLost(): void {
    current.client?.faults.forgetLost();
  }

  /** Tries again at once. */
  async retry(): Promise<void> {
    await current.client?.tryStorage();
  }

  #usage = $state<number | null>(null);
  #quota = $state<number | null>(null);
  #persisted = $state<boolean | null>(null);

  /** Bytes taken, as the browser estimates; null where it does not tell. */
  get usage(): number | null {
    return this.#usage;
  }

  get quota(): number | null {
    return this.#quota;
  }

  /** True when the browser will not clear it by itself; null where it does not tell, as on plain http. */
  get persisted(): boolean | null {
    return this.#persisted;
  }

  async refresh(): Promise<void> {
    const [told, promised] = await Promise.all([estimate(), persisted()]);
    this.#usage = told?.usage ?? null;
    this.#quota = told?.quota ?? null;
    this.#persisted = promised ?? null;
  }
}

export const storage = new DeviceStorage();
