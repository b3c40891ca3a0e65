/** Resolves when `holds` has become true, or after `ms`: then with false. Follows runes, outside of any component. */
export function until(holds: () => boolean, ms: number): Promise<boolean> {
  if (holds()) return Promise.resolve(true);
  return new Promise((resolve) => {
    const end = (outcome: boolean): void => {
      clearTimeout(timer);
      // Not within the effect itself, which cannot end while it runs.
      queueMicrotask(stop);
      resolve(outcome);
    };
    const timer = setTimeout(() => end(false), ms);
    const stop = $effect.root(() => {
      $effect(() => {
        if (holds()) end(true);
      });
    });
  });
}
