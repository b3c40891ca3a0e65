/**
 * How much this device keeps, and whether the browser promised to keep it. Read anew by `refresh`. What wipes it is
 * `session.signOut({ wipe: true })`, because copies without their person would be made again.
 */
class DeviceStorage {
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
    const storage = globalThis.navigator?.storage;
    const [estimate, persisted] = await Promise.all([
      storage?.estimate?.().catch(() => null),
      storage?.persisted?.().catch(() => null),
    ]);
    this.#usage = estimate?.usage ?? null;
    this.#quota = estimate?.quota ?? null;
    this.#persisted = persisted ?? null;
  }
}

export const storage = new DeviceStorage();
