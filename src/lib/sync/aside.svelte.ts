import type { Aside } from './aside-store.svelte.ts';
import { current } from './current.svelte.ts';

export type { Aside };

/** What the server refused, kept for its writer until they discard it. */
class RefusedCopies {
  /** Newest first. */
  get items(): readonly Aside[] {
    return current.client?.asides.items ?? [];
  }

  async discard(id: string): Promise<void> {
    await current.client?.asides.discard(id);
  }
}

export const asides = new RefusedCopies();
