import type { Host } from './host.ts';
import { OpenDocument } from './open-document.svelte.ts';
import type { Priority } from './slots.ts';

/** A document that nobody looks at any more stays open this long: people go back and forth. */
const LINGER_MS = 2_000;

type Entry = {
  document: OpenDocument;
  holders: number;
  lingers: boolean;
  closing: ReturnType<typeof setTimeout> | null;
};

/** The open documents of one client, each once, counted by those who hold it. */
export class Documents {
  readonly #host: Host;
  readonly #entries = new Map<string, Entry>();

  constructor(host: Host) {
    this.#host = host;
  }

  /** Opens a document, or joins those who have it open. Throws a RangeError for what is no document's name. */
  open(name: string, priority: Priority = 'open'): OpenDocument {
    const entry = this.#entries.get(name) ?? this.#make(name, priority);
    entry.holders += 1;
    if (entry.closing !== null) clearTimeout(entry.closing);
    entry.closing = null;
    entry.document.want(priority);
    if (priority === 'open') {
      entry.lingers = true;
      void this.#host.ready.then(() => this.#host.note(name, { lastOpened: Date.now() }));
    }
    return entry.document;
  }

  get(name: string): OpenDocument | undefined {
    return this.#entries.get(name)?.document;
  }

  all(): OpenDocument[] {
    return [...this.#entries.values()].map((entry) => entry.document);
  }

  holders(name: string): number {
    return this.#entries.get(name)?.holders ?? 0;
  }

  async close(): Promise<void> {
    const entries = [...this.#entries.values()];
    this.#entries.clear();
    for (const { closing } of entries) if (closing !== null) clearTimeout(closing);
    await Promise.all(entries.map((entry) => entry.document.close()));
  }

  #make(name: string, priority: Priority): Entry {
    const document = new OpenDocument(name, this.#host, priority, () => this.#release(name, document));
    const entry: Entry = { document, holders: 0, lingers: false, closing: null };
    this.#entries.set(name, entry);
    return entry;
  }

  #release(name: string, document: OpenDocument): void {
    const entry = this.#entries.get(name);
    if (entry?.document !== document || entry.holders === 0) return;
    entry.holders -= 1;
    if (entry.holders > 0) return;
    const close = (): void => {
      if (document.holdsTheOnlyCopy) {
        // Neither this device nor the server has what is in it: it stays until one of them does.
        entry.closing = setTimeout(close, LINGER_MS);
        return;
      }
      this.#entries.delete(name);
      void document.close();
    };
    if (entry.lingers) entry.closing = setTimeout(close, LINGER_MS);
    else close();
  }
}
