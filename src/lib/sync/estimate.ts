/** What the browser says that it keeps and grants here; undefined where it does not say, as on plain http. */
export async function estimate(): Promise<StorageEstimate | undefined> {
  return soft(() => globalThis.navigator?.storage?.estimate?.());
}

/** Whether the browser promised not to clear it by itself. */
export async function persisted(): Promise<boolean | undefined> {
  return soft(() => globalThis.navigator?.storage?.persisted?.());
}

/** Asks for that promise. Browsers may refuse. */
export async function persist(): Promise<void> {
  await soft(() => globalThis.navigator?.storage?.persist?.());
}

/** Never rejects: some browsers throw here instead of answering. */
async function soft<T>(ask: () => Promise<T> | undefined): Promise<T | undefined> {
  try {
    return await ask();
  } catch {
    return undefined;
  }
}
