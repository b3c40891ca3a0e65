import { RegionStack } from './region-stack.svelte.ts';

export type Toast = {
  id: number;
  text: string;
  tone: 'neutral' | 'danger' | 'success';
  /** One thing to do about it; pressing it also closes the toast. */
  action: { label: string; run: () => void } | null;
  forMs: number;
  /** Called once, when it has left, however it did. */
  onclose: () => void;
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
    options: Partial<Pick<Toast, 'tone' | 'forMs' | 'onclose'>> & {
      action?: NonNullable<Toast['action']>;
      lasting?: boolean;
    } = {},
  ): () => void {
    const toast: Toast = {
      id: ++this.#next,
      text,
      tone: options.tone ?? 'neutral',
      action: options.action ?? null,
      forMs: options.forMs ?? SHOWN_MS,
      onclose: options.onclose ?? (() => undefined),
    };
    const crowded = this.#list.slice(0, Math.max(0, this.#list.length + 1 - MOST));
    this.#list = [...this.#list, toast];
    for (const { id } of crowded) this.dismiss(id);
    if (!options.lasting) this.#start(toast.id, toast.forMs);
    return () => this.dismiss(toast.id);
  }

  dismiss(id: number): void {
    this.hold(id);
    this.#timers.delete(id);
    const gone = this.#list.find((toast) => toast.id === id);
    this.#list = this.#list.filter((toast) => toast !== gone);
    gone?.onclose();
  }

  /** The pointer or the focus is on it: it waits. */
  hold(id: number): void {
    clearTimeout(this.#timers.get(id));
  }

  release(id: number): void {
    const toast = this.#list.find((one) => one.id === id);
    if (toast && this.#timers.has(id)) this.#start(id, toast.forMs);
  }

  #start(id: number, ms: number): void {
    this.#timers.set(
      id,
      setTimeout(() => this.dismiss(id), ms),
    );
  }
}

export const toasts = new Toasts();
