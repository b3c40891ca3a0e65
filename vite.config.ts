import { fileURLToPath } from 'node:url';
import { sveltekit } from '@sveltejs/kit/vite';
import { defineConfig, type Plugin } from 'vite';
import { taskflow } from './server/dev.ts';

/** What every page needs, the sign-in page too. One file: fifteen small ones cost 3 kB more gzipped. */
const FRONT =
  /vite\/preload-helper|svelte\/src\/internal\/client\/(runtime|render|context|reactivity\/(batch|props)|dom\/template|dom\/elements\/(attributes|events|bindings\/(input|this))|dom\/blocks\/(boundary|if|await|key|snippet|svelte-component|svelte-head))\.js|svelte\/src\/(legacy|store|internal\/flags|internal\/disclose)|@sveltejs\/kit\/src\/runtime\/(app|client\/client)|src\/lib\/(ui\/(button|text-field|banner|field)\.|api\/client|sync\/(memory|endpoint)|model\/ids|features\/people\/next-page|features\/shell\/logo)/;

/** What the sign-in, set-up and invitation pages share. */
const DOOR = /src\/lib\/features\/people\/(entrance|password-field|account-fields|visitor)\./;

/** What every page behind the sign-in needs before it can show a document. */
const FRAME =
  /src\/lib\/(ui\/(icon-button|lucide-icon|avatar|badge|menu|empty|toasts\.|announcer|tooltip|position|person|skeleton)|sync\/(?!freshen\.|purge\.|presence\.|inspector\.|remembered\.)|features\/shell\/(app-frame|home|person-menu|sidebar(?!-rooms)|status-line|navigation|keys|command-key|board-mark)|features\/board\/(links|typed))|node_modules\/(yjs|lib0|y-protocols|@hocuspocus|y-indexeddb)\//;

/** Svelte does not say so itself, and without it one `{#each}` anywhere puts the code for it on the sign-in page. */
const FREE_OF_SIDE_EFFECTS = {
  test: /svelte\/src\/(internal\/client\/(index\.js|dom\/)|internal\/shared\/|index-client|legacy\/|store\/|reactivity\/|animate\/|transition\/)/,
  sideEffects: false,
};

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url));

/** Every icon of @lucide/svelte imports the component that draws it: this gives them ours. */
const leanIcons: Plugin = {
  name: 'lean-icons',
  enforce: 'pre',
  resolveId(source, importer) {
    const ofIcon = source === '../Icon.svelte' && importer?.includes('@lucide/svelte/dist/icons/');
    return ofIcon ? path('src/lib/ui/lucide-icon.svelte') : null;
  },
};

export default defineConfig(({ command, isSsrBuild }) => ({
  plugins: [leanIcons, taskflow(), sveltekit()],
  resolve: {
    // Yjs logs in colours for a page's console, by a library that draws into the DOM: 3 kB that nobody reads.
    alias: command === 'build' ? { 'lib0/logging': path('node_modules/lib0/logging.node.js') } : {},
  },
  build: isSsrBuild
    ? {}
    : {
        rolldownOptions: {
          treeshake: { moduleSideEffects: [FREE_OF_SIDE_EFFECTS] },
          output: {
            codeSplitting: {
              groups: [
                { name: 'front', test: FRONT, priority: 3 },
                { name: 'door', test: DOOR, priority: 2 },
                { name: 'frame', test: FRAME, priority: 1 },
              ],
            },
          },
        },
      },
}));
