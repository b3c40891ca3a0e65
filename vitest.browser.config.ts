import { svelte } from '@sveltejs/vite-plugin-svelte';
import { playwright } from '@vitest/browser-playwright';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/**
 * Tests of code with runes, which need Svelte's compiler: `runes` in Node, beside a server in the same process, and
 * `browser` in a real Chromium, for what only a real IndexedDB and real tabs can show.
 */
const plugins = [svelte()];
const chromium = '/usr/bin/chromium';

export default defineConfig({
  test: {
    maxWorkers: 2,
    // Hocuspocus tells of each refusal, and these tests are full of them.
    onConsoleLog: (log) => (/closing connection|\[beforeSync\]|\[onAuthenticate\]/.test(log) ? false : undefined),
    projects: [
      {
        plugins,
        // The server's side of these tests is Node's own.
        resolve: {
          conditions: ['browser', 'module', 'import', 'default'],
          alias: { ws: fileURLToPath(new URL('node_modules/ws/wrapper.mjs', import.meta.url)) },
        },
        test: {
          name: 'runes',
          // Through Vite, which takes the browsers' half of it; Node by itself takes the servers', which does nothing.
          server: { deps: { inline: ['svelte'], external: [/\/tests\/harness\//] } },
          include: ['src/**/*.svelte.test.ts', 'tests/sync-client/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          environment: './tests/sync-client/environment.ts',
          testTimeout: 60_000,
        },
      },
      {
        plugins,
        test: {
          name: 'browser',
          globalSetup: './tests/sync-client/browser-setup.ts',
          include: ['src/**/*.browser.test.ts', 'tests/sync-client/**/*.browser.test.ts'],
          testTimeout: 60_000,
          // They share one server, which they stop and start.
          fileParallelism: false,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: {
                ...(existsSync(chromium) && { executablePath: chromium }),
                args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
              },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
    ],
  },
});
