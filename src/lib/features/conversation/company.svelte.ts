import type { Person } from '$lib/model/board.ts';
import type { UserId } from '$lib/model/ids.ts';
import { AWAY_AFTER_MS, isShown, typingText } from '$lib/model/presence.ts';
import type { OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';
import { presence, type Presence } from '$lib/sync/presence.svelte.ts';

interface Place {
  inbox: OpenDocument;
  people: () => ReadonlyMap<UserId, Person>;
  /** The document that those who look at the conversation have open: its newest volume. */
  open: () => OpenDocument;
}

/** Who else looks at a conversation, and whether they see this person. Make one while a component starts; it ends with it. */
export class Company {
  readonly #place: Place;
  readonly #shown: Live<boolean>;
  #presence = $state.raw<Presence | null>(null);
  #looking = $state(document.visibilityState === 'visible');

  constructor(place: Place) {
    this.#place = place;
    this.#shown = new Live(place.inbox, isShown, ['prefs']);
    $effect(() => this.#watchPage());
    $effect(() => {
      const here = presence(place.open());
      this.#presence = here;
      return () => here.destroy();
    });
    $effect(() => {
      const connected = place.open().remote.kind === 'synced';
      // What this device remembers of the person's wish may be old: the server's copy is waited for.
      const wished = place.inbox.remote.kind === 'synced' && this.#shown.current;
      if (connected) this.#presence?.show(wished && this.#looking);
    });
  }

  /** Others who have this conversation before them, those first who came first. */
  readonly here: readonly Person[] = $derived.by(() => this.#known(this.#presence?.here ?? []));

  /** What to say about those who type. */
  readonly typingLine: string = $derived.by(() =>
    typingText(this.#known(this.#presence?.typing ?? []).map((person) => person.name)),
  );

  /** A key was pressed, and this is what stands in the box now. */
  typed(text: string): void {
    if (text.trim() === '') this.stop();
    else this.#presence?.touch();
  }

  /** Types no more. */
  stop(): void {
    this.#presence?.stop();
  }

  #known(ids: readonly UserId[]): Person[] {
    const people = this.#place.people();
    return ids.map((id) => people.get(id)).filter((person) => person !== undefined);
  }

  /** A glance at another tab is no leaving. */
  #watchPage(): () => void {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const changed = (): void => {
      clearTimeout(timer);
      if (document.visibilityState === 'visible') this.#looking = true;
      else timer = setTimeout(() => (this.#looking = false), AWAY_AFTER_MS);
    };
    document.addEventListener('visibilitychange', changed);
    return () => {
      clearTimeout(timer);
      document.removeEventListener('visibilitychange', changed);
    };
  }
}
