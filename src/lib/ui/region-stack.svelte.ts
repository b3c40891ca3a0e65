/**
 * Which of several regions is heard. A modal dialog makes everything outside of it inert, so a dialog brings regions of
 * its own: only the one that came last shows and speaks.
 */
export class RegionStack {
  #ids = $state.raw<readonly string[]>([]);

  /** Returns what takes the region away again. */
  enter(id: string): () => void {
    this.#ids = [...this.#ids, id];
    return () => {
      this.#ids = this.#ids.filter((other) => other !== id);
    };
  }

  isHeard(id: string): boolean {
    return this.#ids.at(-1) === id;
  }
}
