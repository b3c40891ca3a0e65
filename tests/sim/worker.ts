import { install, running } from './clock.ts';

// Before anything of the product is imported: libraries keep the clock and the chance that they find.
install();
/** Outside of components Svelte's runes are plain values, and an effect runs again after each event of its process. */
const state = Object.assign((value: unknown) => value, { raw: (value: unknown) => value });
let effects: (() => void)[] = [];
const effect = Object.assign((look: () => void) => void effects.push(running.clock.follow(look)), {
  root: (begin: () => void) => {
    const mine: typeof effects = [];
    effects = mine;
    begin();
    return () => {
      for (const end of mine) end();
    };
  },
});
Object.assign(globalThis, { $state: state, $effect: effect });

// The client loads these when it needs them; loading takes the machine's own time, so they are here before.
await Promise.all([import('../../src/lib/sync/purge.ts'), import('../../src/lib/sync/freshen.svelte.ts')]);
export const { run } = await import('./run.ts');
export const { settingsOf } = await import('./planted.ts');
export const { shrink } = await import('./shrink.ts');
