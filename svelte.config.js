import adapter from '@sveltejs/adapter-node';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** The subpath that BASE_URL names, if any: SvelteKit fixes it when it builds. */
const base = process.env.BASE_URL ? new URL(process.env.BASE_URL).pathname.replace(/\/$/, '') : '';

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: adapter({ out: 'build' }),
    paths: { base, relative: false },
    serviceWorker: { register: false },
    typescript: {
      config: (config) => {
        config.include = [
          ...config.include,
          '../server/**/*.ts',
          '../tests/**/*.ts',
          '../scripts/**/*.ts',
          '../bench/**/*.ts',
          '../*.config.ts',
        ];
      },
    },
  },
};
