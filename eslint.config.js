import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';
import svelteConfig from './svelte.config.js';

/** What a folder may not import, as patterns for `no-restricted-imports`, each with the reason a reader needs. */
const NEVER = {
  server: { regex: '(^|/)server/', message: 'src never imports the server: it runs in browsers.' },
  sync: { regex: '(^\\$lib/sync/|/lib/sync/|^(\\.\\./)+sync/)', message: 'Documents are opened by features only.' },
  features: {
    regex: '(^\\$lib/features/|/lib/features/|^(\\.\\./)+features/)',
    message: 'Features are used by routes only.',
  },
  ui: {
    regex: '(^\\$lib/ui/|/lib/ui/|^(\\.\\./)+ui/)',
    message: 'The design system is used by features and routes only.',
  },
  model: {
    regex: '(^\\$lib/model/|/lib/model/|^(\\.\\./)+model/)',
    message: 'The design system knows nothing of TaskFlow.',
  },
  api: { regex: '(^\\$lib/api/|/lib/api/|^(\\.\\./)+api/)', message: 'The model is pure: it knows no wire.' },
  postgres: { regex: '^postgres$|^@electric-sql/pglite', message: 'SQL has one door: server/store.' },
  hocuspocusServer: { regex: '^@hocuspocus/server', message: 'Hocuspocus has one door: server/sync.' },
  provider: {
    regex: '^(@hocuspocus/provider|y-indexeddb)',
    message: 'Provider and y-indexeddb have one door: src/lib/sync.',
  },
  anyPackage: { regex: '^(?!yjs$|\\.)', message: 'The model imports yjs and itself, nothing else.' },
  src: { regex: '/src/(?!lib/(model|api)/)', message: 'Of src, the server knows lib/model and lib/api only.' },
};

/** One lint block that forbids a folder the given imports. */
const boundary = (files, ...patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns }] },
});

const TESTS = ['**/*.test.ts', 'tests/**/*.ts'];

export default ts.config(
  { ignores: ['build/', '.svelte-kit/', 'data/', 'shots/', 'test-results/', 'playwright-report/', 'node_modules/'] },
  js.configs.recommended,
  ...ts.configs.recommendedTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: {
        projectService: {
          allowDefaultProject: [
            'eslint.config.js',
            'svelte.config.js',
            'scripts/*.mjs',
            'src/service-worker.ts',
            'src/service-worker/*.ts',
          ],
        },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      'no-empty': ['error', { allowEmptyCatch: false }],
      'no-console': 'error',
      'no-undef': 'off',
      // A link component takes its address from the caller, and addresses come from `base` in one file per feature.
      'svelte/no-navigation-without-resolve': 'off',
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig } },
  },
  boundary(['src/lib/model/**/*.ts'], NEVER.anyPackage, NEVER.server, NEVER.sync, NEVER.features, NEVER.ui, NEVER.api),
  boundary(
    ['src/lib/api/**/*.ts'],
    NEVER.server,
    NEVER.sync,
    NEVER.features,
    NEVER.ui,
    NEVER.provider,
    NEVER.postgres,
    NEVER.hocuspocusServer,
  ),
  boundary(['src/lib/sync/**/*.ts'], NEVER.server, NEVER.features, NEVER.ui, NEVER.postgres, NEVER.hocuspocusServer),
  boundary(
    ['src/lib/ui/**/*.{ts,svelte}'],
    NEVER.server,
    NEVER.sync,
    NEVER.features,
    NEVER.model,
    NEVER.api,
    NEVER.provider,
    NEVER.postgres,
    NEVER.hocuspocusServer,
  ),
  boundary(
    ['src/lib/features/**/*.{ts,svelte}', 'src/routes/**/*.{ts,svelte}'],
    NEVER.server,
    NEVER.provider,
    NEVER.postgres,
    NEVER.hocuspocusServer,
  ),
  boundary(['server/**/*.ts'], NEVER.src, NEVER.postgres, NEVER.hocuspocusServer, NEVER.provider),
  boundary(['server/store/**/*.ts'], NEVER.src, NEVER.hocuspocusServer, NEVER.provider),
  boundary(['server/sync/**/*.ts'], NEVER.src, NEVER.postgres, NEVER.provider),
  {
    files: TESTS,
    rules: {
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  { files: ['scripts/**', 'bench/**', 'server/cli/**', '*.config.*'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.svelte.ts'],
    // Collections here are bookkeeping behind runes of our own, which tell what changed more sparingly.
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    // Links are made in one place per feature, with the base path: the rule cannot follow them there.
    rules: { 'svelte/no-navigation-without-resolve': 'off' },
  },
  {
    // svelte-check knows the types of templates; ESLint does not, and takes ten times as long to guess them.
    files: [
      '**/*.svelte',
      'src/service-worker.ts',
      'src/service-worker/*.ts',
      'static/**/*.js',
      'scripts/*.mjs',
      '*.config.js',
    ],
    ...ts.configs.disableTypeChecked,
    rules: { ...ts.configs.disableTypeChecked.rules, '@typescript-eslint/switch-exhaustiveness-check': 'off' },
  },
);
