import { install } from './clock.ts';

// Before anything of the product is imported: libraries keep the clock and the chance that they find.
install();
/** Outside of components Svelte's runes are plain values, and whoever waits for one looks again. */
const state = Object.assign((value: unknown) => value, { raw: (value: unknown) => value });
const LOOK_AGAIN_MS = 40;
let root: ReturnType<typeof setInterval>[] = [];
const effect = Object.assign((look: () => void) => void root.push(setInterval(look, LOOK_AGAIN_MS)), {
  root: (begin: () => void) => {
    const mine: typeof root = [];
    root = mine;
    begin();
    return () => {
      for (const timer of mine) clearInterval(timer);
    };
  },
});
Object.assign(globalThis, { $state: state, $effect: effect });

// The client loads these when it needs them; loading takes the machine's own time, so they are here before.
await Promise.all([import('../../src/lib/sync/purge.ts'), import('../../src/lib/sync/freshen.svelte.ts')]);
export const { run } = await import('./run.ts');
export const { plantOf } = await import('./planted.ts');
