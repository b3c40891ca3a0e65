import type { Home } from '$lib/features/shell/home.svelte.ts';
import type { BoardId } from '$lib/model/ids.ts';
import { type Item, type Place } from '$lib/model/inbox.ts';
import { markAllRead, markNotifications, placeNotifications } from '$lib/model/inbox-acts.ts';
import type { ConversationRef } from '$lib/model/names.ts';
import { change } from '$lib/sync/documents.svelte.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';
import { exactTime } from '$lib/ui/relative-time.ts';
import { toasts } from '$lib/ui/toasts.svelte.ts';
import { isMention } from '$lib/model/notification-words.ts';

export type Tab = 'all' | 'mentions' | 'snoozed' | 'done';

/** What of one conversation is shown, newest first. */
export type Group = { conversation: ConversationRef; board: BoardId; items: Item[]; unread: number };

/** What the inbox shows and what can be done there, all of it in the person's own document. */
export class InboxList {
  readonly #home: Home;
  tab = $state<Tab>('all');

  constructor(home: Home) {
    this.#home = home;
  }

  readonly #here = $derived.by(() => this.#home.state.notifications.filter(({ place }) => place.kind === 'inbox'));
  readonly unread = $derived.by(() => countUnread(this.#here));
  readonly unreadMentions = $derived.by(() => countUnread(this.#here.filter(isMention)));
  readonly shown = $derived.by((): Item[] => {
    if (this.tab === 'all') return this.#here;
    if (this.tab === 'mentions') return this.#here.filter(isMention);
    return this.#home.state.notifications.filter(({ place }) => place.kind === this.tab);
  });
  /** The conversation with the newest comes first. */
  readonly groups = $derived.by((): Group[] =>
    [...Map.groupBy(this.shown, ({ conversation }) => conversation)].map(([conversation, items]) => ({
      conversation,
      board: items[0]?.board ?? '',
      items,
      unread: countUnread(items),
    })),
  );

  mark(items: readonly Item[], as: 'read' | 'unread'): void {
    change(this.#home.open, (doc) => markNotifications(doc, idsOf(items), as));
    announce(as === 'read' ? 'Marked as read.' : 'Marked as unread.');
  }

  markAll(): void {
    change(this.#home.open, (doc) => markAllRead(doc));
    announce('All marked as read.');
  }

  /** Puts away, or back, what can be taken back for as long as the toast stands. */
  put(items: readonly Item[], place: Place): void {
    const before = items.map((item): [number, Place] => [item.id, item.place]);
    change(this.#home.open, (doc) => placeNotifications(doc, idsOf(items), place));
    toasts.show(wordsFor(place), {
      action: {
        label: 'Undo',
        run: () =>
          change(this.#home.open, (doc) => {
            for (const [id, old] of before) placeNotifications(doc, [id], old);
          }),
      },
    });
  }
}

function countUnread(items: readonly Item[]): number {
  return items.filter((one) => one.unread).length;
}

function idsOf(items: readonly Item[]): number[] {
  return items.map(({ id }) => id);
}

function wordsFor(place: Place): string {
  if (place.kind === 'done') return 'Done with that.';
  return place.kind === 'inbox' ? 'Back in the inbox.' : `Comes back ${exactTime(place.until)}.`;
}
