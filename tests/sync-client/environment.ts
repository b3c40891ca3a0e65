import type { Environment } from 'vitest/runtime';

/** Node as it is, with code compiled as for browsers: Svelte's runes are inert in what it compiles for a server. */
export default {
  name: 'runes',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
} satisfies Environment;
