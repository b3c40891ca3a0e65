import type { Page } from '@playwright/test';

/**
 * Everything that this browser keeps for the page's origin, as one text: the rows of every IndexedDB database, Cache
 * Storage, localStorage and sessionStorage. Bytes are read as Latin-1, in which words of ASCII stay themselves.
 */
export function kept(page: Page): Promise<string> {
  return page.evaluate(async () => {
    const answer = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error ?? new Error('IndexedDB'));
      });
    const text = (value: unknown): string => {
      if (value instanceof ArrayBuffer) return text(new Uint8Array(value));
      if (ArrayBuffer.isView(value)) {
        return new TextDecoder('latin1').decode(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
      }
      if (typeof value === 'object' && value !== null) return Object.values(value).map(text).join('\n');
      return String(value);
    };
    const parts: string[] = [];
    for (const { name } of await indexedDB.databases()) {
      const db = await answer(indexedDB.open(name ?? ''));
      for (const store of db.objectStoreNames) {
        const rows: unknown[] = await answer(db.transaction(store).objectStore(store).getAll());
        parts.push(`${name} ${store}`, ...rows.map(text));
      }
      db.close();
    }
    for (const name of await caches.keys()) {
      const cache = await caches.open(name);
      for (const request of await cache.keys()) {
        parts.push(request.url, text(await (await cache.match(request))?.arrayBuffer()));
      }
    }
    for (const storage of [localStorage, sessionStorage]) {
      for (const key of Object.keys(storage)) parts.push(key, storage.getItem(key) ?? '');
    }
    return parts.join('\n');
  });
}

/** Which of these words this browser keeps. */
export async function keeps(page: Page, words: readonly string[]): Promise<string[]> {
  const text = await kept(page);
  return words.filter((word) => text.includes(word));
}
