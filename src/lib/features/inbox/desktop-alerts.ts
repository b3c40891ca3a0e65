import { goto } from '$app/navigation';
import { messageHref } from '$lib/features/board/links.ts';
import type { Person } from '$lib/model/board.ts';
import type { UserId } from '$lib/model/ids.ts';
import type { Item } from '$lib/model/inbox.ts';
import { decodeMentions } from '$lib/model/mentions.ts';
import { clock } from '$lib/ui/clock.svelte.ts';
import { alerts } from './alerts.svelte.ts';
import { DEEDS } from '$lib/model/notification-words.ts';

/**
 * Whoever has the message before them reads it within this time, in whichever tab, and the read mark says so here: that is
 * how it is known that a message is not in view.
 */
const PATIENCE_MS = 1_500;
/** What is older came while this device was away: the inbox tells of it, not a heap of notifications. */
const NEWS_MS = 2 * 60_000;

type Names = { by: string; place: string; people: Map<UserId, Person> };

/**
 * Desktop notifications for what is told to the inbox and is not before anybody's eyes. Of a browser's tabs one leads, by a
 * lock that passes on when it closes, and only the leader shows them: each message once.
 */
export class DesktopAlerts {
  readonly #names: (item: Item) => Names;
  readonly #known = new Set<number>();
  readonly #shown = new Map<number, Notification>();
  readonly #timers = new Set<ReturnType<typeof setTimeout>>();
  readonly #ended = new AbortController();
  #items: readonly Item[] = [];
  #leads = false;
  #begun = false;

  constructor(me: UserId, names: (item: Item) => Names) {
    this.#names = names;
    void this.#lead(me);
  }

  /** What the inbox holds now; null while it is not known. */
  look(items: readonly Item[] | null): void {
    if (items === null) return;
    this.#items = items;
    for (const item of items) {
      if (this.#known.has(item.id)) continue;
      this.#known.add(item.id);
      if (this.#begun || this.#isNews(item)) this.#expect(item);
    }
    this.#begun = true;
    for (const [id, shown] of this.#shown) if (!this.#waits(id)) shown.close();
  }

  end(): void {
    this.#ended.abort();
    for (const timer of this.#timers) clearTimeout(timer);
    for (const shown of this.#shown.values()) shown.close();
  }

  #isNews({ at }: Item): boolean {
    return at > clock.now - NEWS_MS;
  }

  #waits(id: number): boolean {
    return this.#items.some((item) => item.id === id && item.unread);
  }

  #expect(item: Item): void {
    if (!item.unread || !this.#isNews(item)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      if (this.#leads && alerts.state === 'on' && this.#waits(item.id)) this.#show(item);
    }, PATIENCE_MS);
    this.#timers.add(timer);
  }

  #show(item: Item): void {
    const { by, place, people } = this.#names(item);
    const href = messageHref(item.board, item.conversation, item.volume, item.slot.slice(item.slot.indexOf('/') + 1));
    const title = `${by} ${DEEDS[item.kind]}${place === '' ? '' : ` in ${place}`}`;
    // The same tag as a push of this message: whichever comes second takes the other's place.
    const options = { body: decodeMentions(item.excerpt, people), tag: `taskflow/${item.id}` };
    let shown: Notification;
    try {
      shown = new Notification(title, options);
    } catch {
      // Phones have them through the service worker only, which tells the page of a click.
      void navigator.serviceWorker?.ready.then((worker) =>
        worker.showNotification(title, { ...options, data: { href } }),
      );
      return;
    }
    this.#shown.set(item.id, shown);
    shown.onclose = () => this.#shown.delete(item.id);
    shown.onclick = () => {
      window.focus();
      void goto(href);
      shown.close();
    };
  }

  /** Holds the lock until the end. Without locks every tab leads, and the tag makes one of what they show. */
  async #lead(me: UserId): Promise<void> {
    if (navigator.locks === undefined) {
      this.#leads = true;
      return;
    }
    const { signal } = this.#ended;
    const { promise, resolve } = Promise.withResolvers<void>();
    signal.addEventListener('abort', () => resolve());
    await navigator.locks
      .request(`taskflow/alerts/${me}`, { signal }, async () => {
        this.#leads = true;
        await promise;
        this.#leads = false;
      })
      .catch(() => undefined);
  }
}
