/**
 * Runs every test of TaskFlow and ends with one plain line: `N passed, N failed`.
 * A step without tests of its own (the checks, the build, the size budgets) counts as one.
 * Words on the command line choose steps by name: `npm test -- unit e2e`.
 * Exit status 0 only when nothing failed and something ran.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { ensureChromium } from './chromium.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const results = join(root, 'test-results');
const bin = (...path: string[]) => join(root, 'node_modules', ...path);

type Count = { passed: number; failed: number };
/** What failed, by name and in short: told once more at the end, where the whole run is looked at first. */
const broken: string[] = [];
type Step = { name: string; run: () => Count };

const SHORT_LINES = 12;
const SHORT_LINE = 240;

function node(args: string[], env: Record<string, string> = {}): boolean {
  const done = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  return done.status === 0;
}

function whole(ok: boolean): Count {
  return ok ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

function readReport(file: string): unknown {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/** A run that ended badly without naming a failed test (a crash, nothing found) still counts as one failure. */
function honest(ok: boolean, count: Count): Count {
  return !ok && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function vitest(config: string, projects: string[]): Count {
  const file = join(results, `${projects.join('-') || 'browser'}.json`);
  rmSync(file, { force: true });
  const chosen = projects.flatMap((name) => ['--project', name]);
  const ok = node([
    bin('vitest/vitest.mjs'),
    'run',
    '--config',
    config,
    ...chosen,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const report = readReport(file) as {
    numPassedTests?: number;
    numFailedTests?: number;
    numPendingTests?: number;
    testResults?: {
      name: string;
      assertionResults: { fullName: string; status: string; failureMessages?: string[] }[];
    }[];
  } | null;
  for (const { name, assertionResults } of report?.testResults ?? []) {
    const failures = assertionResults.filter(({ status }) => status === 'failed');
    for (const { fullName, failureMessages } of failures) {
      broken.push(`${relative(root, name)}: ${fullName}`, ...inShort(failureMessages));
    }
  }
  const skipped = process.env.CI ? (report?.numPendingTests ?? 0) : 0;
  return honest(ok, { passed: report?.numPassedTests ?? 0, failed: (report?.numFailedTests ?? 0) + skipped });
}

/** The first lines of what a failed test says, to be told under its name. */
function inShort(messages: readonly string[] = []): string[] {
  const lines = stripVTControlCharacters(messages.join('\n')).split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .slice(0, SHORT_LINES)
    .map((line) => `    ${line.slice(0, SHORT_LINE)}`);
}

type Spec = { title: string; file: string; ok: boolean; tests: { results: { error?: { message?: string } }[] }[] };
type Suite = { suites?: Suite[]; specs?: Spec[] };

function tellSuites(suites: Suite[]): void {
  for (const { suites: inner = [], specs = [] } of suites) {
    for (const { file, title, tests } of specs.filter(({ ok }) => !ok)) {
      const messages = tests.flatMap(({ results: runs }) => runs.flatMap(({ error }) => error?.message ?? []));
      broken.push(`${file}: ${title}`, ...inShort(messages));
    }
    tellSuites(inner);
  }
}

function playwright(): Count {
  const file = join(results, 'e2e.json');
  rmSync(file, { force: true });
  const ok = node([bin('@playwright/test/cli.js'), 'test']);
  const report = readReport(file) as {
    stats?: { expected: number; unexpected: number; flaky: number };
    suites?: Suite[];
  } | null;
  tellSuites(report?.suites ?? []);
  return honest(ok, {
    passed: report?.stats?.expected ?? 0,
    failed: (report?.stats?.unexpected ?? 0) + (report?.stats?.flaky ?? 0),
  });
}

/** So much of what `npm run sim` lives through without words: some five minutes in two threads. */
const SIM_PERCENT = '100';

/** The simulator's own tests, and every run of it as one test. */
function simulator(): Count {
  const own = vitest('vitest.config.ts', ['sim']);
  const file = join(results, 'simulator.json');
  rmSync(file, { force: true });
  const ok = node([join(root, 'scripts/sim.ts'), '--percent', SIM_PERCENT, '--report', file]);
  const runs = honest(ok, (readReport(file) as Count | null) ?? { passed: 0, failed: 0 });
  return { passed: own.passed + runs.passed, failed: own.failed + runs.failed };
}

const STEPS: Step[] = [
  { name: 'check', run: () => whole(node([join(root, 'scripts/check.ts')])) },
  { name: 'build', run: () => whole(node([join(root, 'scripts/build.ts')])) },
  { name: 'budgets', run: () => whole(node([join(root, 'scripts/budgets.ts')])) },
  { name: 'unit', run: () => vitest('vitest.config.ts', ['unit', 'fuzz']) },
  { name: 'fuzz', run: () => whole(node([join(root, 'scripts/fuzz.ts')])) },
  { name: 'contracts', run: () => vitest('vitest.config.ts', ['contracts']) },
  { name: 'sync', run: () => vitest('vitest.config.ts', ['sync', 'deletion', 'http']) },
  { name: 'sim', run: simulator },
  { name: 'attacks', run: () => vitest('vitest.config.ts', ['attacks']) },
  { name: 'start', run: () => vitest('vitest.config.ts', ['start']) },
  { name: 'crash', run: () => vitest('vitest.config.ts', ['crash']) },
  { name: 'browser', run: () => vitest('vitest.browser.config.ts', []) },
  { name: 'e2e', run: playwright },
];

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no step ${unknown.join(', ')}; the steps are ${STEPS.map((step) => step.name).join(', ')}.\n`,
  );
  process.exit(2);
}

mkdirSync(results, { recursive: true });
const chromium = ensureChromium();
if (chromium) process.env.CHROMIUM_PATH = chromium;

const total: Count = { passed: 0, failed: 0 };
const lines: string[] = [];
for (const step of STEPS.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  process.stdout.write(`\n== ${step.name}\n`);
  const started = performance.now();
  const count = step.run();
  total.passed += count.passed;
  total.failed += count.failed;
  lines.push(
    `${step.name}: ${count.passed} passed, ${count.failed} failed, ${((performance.now() - started) / 1000).toFixed(0)} s`,
  );
}
if (broken.length > 0) process.stdout.write(`\nfailed:\n${broken.map((name) => `  ${name}`).join('\n')}\n`);
process.stdout.write(
  `\n${lines.map((line) => `  ${line}`).join('\n')}\n\n${total.passed} passed, ${total.failed} failed\n`,
);
process.exit(total.failed > 0 || total.passed === 0 ? 1 : 0);
