import { RegionStack } from './region-stack.svelte.ts';

export type Toast = {
  id: number;
  text: string;
  tone: 'neutral' | 'danger' | 'success';
  /** One thing to do about it; pressing it also closes the toast. */
  action: { label: string; run: () => void } | null;
};

const SHOWN_MS = 6_000;
const MOST = 3;

class Toasts {
  readonly regions = new RegionStack();
  #list = $state.raw<readonly Toast[]>([]);
  #timers = new Map<number, ReturnType<typeof setTimeout>>();
  #next = 0;

  get list(): readonly Toast[] {
    return this.#list;
  }

  /**
   * Shows a short sentence at the edge of the page. It leaves by itself unless `lasting`; what a person must not
   * miss belongs in a banner or a dialog. Returns a function that takes it away.
   */
  show(
    text: string,
    options: { tone?: Toast['tone']; action?: NonNullable<Toast['action']>; lasting?: boolean } = {},
  ): () => void {
    const toast: Toast = {
      id: ++this.#next,
      text,
      tone: options.tone ?? 'neutral',
      action: options.action ?? null,
    };
    this.#list = [...this.#list, toast].slice(-MOST);
    if (!options.lasting) this.#start(toast.id);
    return () => this.dismiss(toast.id);
  }

  dismiss(id: number): void {
    this.hold(id);
    this.#timers.delete(id);
    this.#list = this.#list.filter((toast) => toast.id !== id);
  }

  /** The pointer or the focus is on it: it waits. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  release(id: number): void {
    if (this.#timers.has(id)) this.#start(id);
  }

  #start(id: number): void {
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), SHOWN_MS),
    );
  }
}

export const toasts = new Toasts();
