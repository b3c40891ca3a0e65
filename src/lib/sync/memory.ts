import { isId } from '../model/ids.ts';
import type { Me } from './host.ts';

const ME = 'taskflow/me';
const SIGN_OUT = 'taskflow/sign-out';

/** What this device remembers of its person between visits. Without localStorage, nothing. */
export const memory = {
  me(): Me | null {
    const text = read(ME);
    if (text === null) return null;
    try {
      return parseMe(JSON.parse(text));
    } catch {
      return null;
    }
  },
  setMe(me: Me | null): void {
    write(ME, me === null ? null : JSON.stringify(me));
  },
  /** True while the server has not been told of a sign-out. */
  mustSignOut(): boolean {
    return read(SIGN_OUT) !== null;
  },
  setMustSignOut(must: boolean): void {
    write(SIGN_OUT, must ? '1' : null);
  },
  /** Calls back when another tab signs in or out. */
  onOtherTab(listener: () => void): void {
    if (typeof window === 'undefined') return;
    window.addEventListener('storage', (event) => {
      if (event.key === ME || event.key === null) listener();
    });
  },
};

function parseMe(value: unknown): Me | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, seq, username, name, admin } = value as Record<string, unknown>;
  if (!isId(id) || typeof seq !== 'number' || typeof username !== 'string' || typeof name !== 'string') return null;
  return { id, seq, username, name, admin: admin === true };
}

function read(key: string): string | null {
  try {
    return globalThis.localStorage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) globalThis.localStorage?.removeItem(key);
    else globalThis.localStorage?.setItem(key, value);
  } catch {
    // Storage is full or forbidden: the next visit starts at the sign-in page.
    return;
  }
}
