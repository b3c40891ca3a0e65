import { isId, type UserId } from '../model/ids.ts';
import type { Me } from './host.ts';

const ME = 'taskflow/me';
const SIGN_OUT = 'taskflow/sign-out';
const WIPE = 'taskflow/wipe';

/** What localStorage does not take, for as long as this tab lives. */
const unkept = new Map<string, string | null>();

/** What this device remembers of its person between visits. Without localStorage, only this tab remembers. */
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
  /** The session that was signed out of and that the server has not been told of, or null. */
  mustSignOut(): string | null {
    return read(SIGN_OUT);
  },
  setMustSignOut(session: string | null): void {
    write(SIGN_OUT, session);
  },
  /** People whose copies are still to be deleted from this device. */
  mustWipe(): UserId[] {
    return (read(WIPE) ?? '').split(' ').filter(isId);
  },
  setMustWipe(user: UserId, must: boolean): void {
    const others = memory.mustWipe().filter((other) => other !== user);
    const users = must ? [...others, user] : others;
    write(WIPE, users.length === 0 ? null : users.join(' '));
  },
  /**
   * Calls back when another tab signs in or out, until what it returns is called. `cleared`: somebody emptied the whole
   * storage, which is neither.
   */
  onOtherTab(listener: (cleared: boolean) => void): () => void {
    if (typeof window === 'undefined') return () => undefined;
    const heard = (event: StorageEvent): void => {
      if (event.key === ME || event.key === null) listener(event.key === null);
    };
    window.addEventListener('storage', heard);
    return () => window.removeEventListener('storage', heard);
  },
};

/** Reads a person as they were kept; null for anything else. */
export function parseMe(value: unknown): Me | null {
  if (typeof value !== 'object' || value === null) return null;
  const { id, seq, username, name, admin, session } = value as Record<string, unknown>;
  if (!isId(id) || typeof seq !== 'number' || typeof username !== 'string' || typeof name !== 'string') return null;
  if (typeof session !== 'string') return null;
  return { id, seq, username, name, admin: admin === true, session };
}

/** Whether both say the same, as it would be kept. */
export function isSameMe(one: Me | null, other: Me | null): boolean {
  return JSON.stringify(parseMe(one)) === JSON.stringify(parseMe(other));
}

function read(key: string): string | null {
  const here = unkept.get(key);
  if (here !== undefined) return here;
  try {
    return globalThis.localStorage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  unkept.delete(key);
  try {
    if (value === null) globalThis.localStorage.removeItem(key);
    else globalThis.localStorage.setItem(key, value);
  } catch {
    // Storage is full or forbidden: the next visit asks the server who this is.
    unkept.set(key, value);
  }
}
