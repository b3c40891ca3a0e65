import { inTone, readEmoji, replaceCodes, TONES, usedNow, type Emoji } from '$lib/model/emoji.ts';
import { readPref, setPref } from '$lib/model/inbox.ts';
import { PREF_TEXT } from '$lib/model/limits.ts';
import { change, type OpenDocument } from '$lib/sync/documents.svelte.ts';
import { Live } from '$lib/sync/live.svelte.ts';

const TONE = 'emoji-tone';
const RECENT = 'emoji-recent';

/** All emoji, once somebody wants one: nothing of them is loaded with a page. */
class Emojis {
  all = $state.raw<readonly Emoji[]>([]);
  #loading: Promise<void> | null = null;
  #byCode = new Map<string, Emoji>();

  /** Resolves when they are here. Rejects when they cannot be had now; ask again later. */
  load(): Promise<void> {
    this.#loading ??= import('./emoji-data.json').then(
      ({ default: rows }) => {
        this.all = readEmoji(rows);
        this.#byCode = new Map(this.all.toReversed().flatMap((one) => one.codes.map((code) => [code, one])));
      },
      (error: unknown) => {
        this.#loading = null;
        throw error;
      },
    );
    return this.#loading;
  }

  /** The one with this code; null for none, and while they are not here. */
  byCode(code: string): Emoji | null {
    return this.#byCode.get(code) ?? null;
  }
}

export const emojis = new Emojis();

/** What a person uses: the tone of skin, and what they used last, on all of their devices. */
export class EmojiTaste {
  readonly #inbox: OpenDocument;
  readonly #tone: Live<unknown>;
  readonly #recent: Live<unknown>;

  constructor(inbox: OpenDocument) {
    this.#inbox = inbox;
    this.#tone = new Live<unknown>(inbox, (doc) => readPref(doc, TONE), ['prefs']);
    this.#recent = new Live<unknown>(inbox, (doc) => readPref(doc, RECENT), ['prefs']);
  }

  /** One of `TONES`, or '' for none. */
  get tone(): string {
    return TONES.find((tone) => tone === this.#tone.current) ?? '';
  }

  set tone(tone: string) {
    change(this.#inbox, (doc) => setPref(doc, TONE, tone));
  }

  /** Latest first, as they are without a tone. */
  get recent(): readonly string[] {
    const kept = this.#recent.current;
    return typeof kept === 'string' && kept !== '' ? kept.split(' ') : [];
  }

  /** The emoji as this person uses it. */
  own({ emoji, toned }: Emoji): string {
    return toned ? inTone(emoji, this.tone) : emoji;
  }

  /** What was typed, with emoji in place of their codes. */
  replaceCodes(typed: string): string {
    return replaceCodes(typed, (code) => {
      const emoji = emojis.byCode(code);
      return emoji && this.own(emoji);
    });
  }

  use({ emoji }: Emoji): void {
    const recent = usedNow(emoji, this.recent);
    while (recent.join(' ').length > PREF_TEXT) recent.pop();
    change(this.#inbox, (doc) => setPref(doc, RECENT, recent.join(' ')));
  }
}
