import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import adapter from '@sveltejs/adapter-node';
import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** The subpath that BASE_URL names, if any: SvelteKit fixes it when it builds. */
const base = process.env.BASE_URL ? new URL(process.env.BASE_URL).pathname.replace(/\/$/, '') : '';

/** The script in the template; SvelteKit counts the hashes of its own only. */
const [, startScript = ''] = /<script>([^]*?)<\/script>/.exec(readFileSync('src/app.html', 'utf8')) ?? [];
const startHash = /** @type {const} */ (`sha256-${createHash('sha256').update(startScript).digest('base64')}`);

/** @type {import('@sveltejs/kit').Config} */
export default {
  preprocess: vitePreprocess(),
  kit: {
    adapter: adapter({ out: 'build' }),
    paths: { base, relative: false },
    serviceWorker: { register: false },
    // By hashes, so that the page that the service worker keeps is allowed its one inline script offline as well. No
    // `unsafe-inline` and no `unsafe-eval`: components style by classes and by `element.style`, never by an attribute.
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['none'],
        'script-src': ['self', startHash],
        'style-src': ['self'],
        // The one style attribute in a markup: SvelteKit hides with it the element that tells screen readers of a new page.
        'style-src-attr': ['unsafe-hashes', 'sha256-S8qMpvofolR8Mpjy4kQvEm7m1q8clzU4dfDH0AmvZjo='],
        'img-src': ['self'],
        'font-src': ['self'],
        // The socket too: for every browser that knows version 3 of the policy, ws: of the same host is 'self'.
        'connect-src': ['self'],
        'worker-src': ['self'],
        'manifest-src': ['self'],
        'object-src': ['none'],
        'base-uri': ['none'],
        'form-action': ['self'],
        'frame-ancestors': ['none'],
        'require-trusted-types-for': ['script'],
        // Svelte's own, and the one of src/lib/trusted-types.ts.
        'trusted-types': ['svelte-trusted-html', 'default'],
      },
    },
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
