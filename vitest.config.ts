import { defineConfig } from 'vitest/config';

/**
 * Node-side tests by the seam they prove. Each project may be run alone: `npx vitest run --project sync`.
 * Time-outs are ceilings against hanging, not measurements: two busy cores are the smallest machine they pass on.
 */
const project = (name: string, include: string[], extra: { testTimeout?: number; fileParallelism?: boolean } = {}) => ({
  test: {
    name,
    include,
    environment: 'node' as const,
    testTimeout: extra.testTimeout ?? 30_000,
    hookTimeout: 120_000,
    fileParallelism: extra.fileParallelism ?? true,
    exclude: ['**/node_modules/**', '**/*.svelte.test.ts', '**/*.browser.test.ts'],
  },
});

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      project('unit', ['src/**/*.test.ts', 'server/**/*.test.ts', 'scripts/**/*.test.ts'], { testTimeout: 60_000 }),
      project('fuzz', ['tests/fuzz/**/*.test.ts'], { testTimeout: 180_000 }),
      project('contracts', ['tests/contracts/**/*.test.ts'], { testTimeout: 60_000, fileParallelism: false }),
      project('sync', ['tests/sync/**/*.test.ts'], { testTimeout: 60_000 }),
      project('deletion', ['tests/deletion/**/*.test.ts'], { testTimeout: 120_000 }),
      project('http', ['tests/http/**/*.test.ts'], { testTimeout: 60_000 }),
      project('attacks', ['tests/attacks/**/*.test.ts'], { testTimeout: 60_000 }),
      project('sim', ['tests/sim/**/*.test.ts'], { testTimeout: 600_000, fileParallelism: false }),
      project('start', ['tests/start/**/*.test.ts'], { testTimeout: 600_000 }),
      project('crash', ['tests/crash/**/*.test.ts'], { testTimeout: 600_000 }),
    ],
  },
});
