/**
 * Byte fuzzing: real traffic with faults in it, against the gate, against the corridor's sockets in this process, and
 * against a real server process. Started by `npm run fuzz -- --minutes N --seed S --target gate|socket|server`.
 */
import { parseArgs } from 'node:util';
import { fuzzGate } from './bytes-gate.ts';
import { keep, type Report } from './bytes-report.ts';
import { fuzzServer } from './bytes-server.ts';
import { fuzzSocket } from './bytes-socket.ts';

const TARGETS: { name: string; share: number; run: (seed: number, seconds: number) => Promise<Report> }[] = [
  { name: 'gate', share: 0.4, run: fuzzGate },
  { name: 'socket', share: 0.35, run: fuzzSocket },
  { name: 'server', share: 0.25, run: fuzzServer },
];

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    target: { type: 'string' },
  },
});
const seed = Number(values.seed);
const seconds = Number(values.minutes) * 60;
const chosen = TARGETS.filter(({ name }) => values.target === undefined || values.target === name);
if (!Number.isSafeInteger(seed) || !(seconds > 0) || chosen.length === 0) {
  process.stderr.write(
    `--minutes is a number, --seed a whole one, --target one of ${TARGETS.map(({ name }) => name).join(', ')}\n`,
  );
  process.exit(2);
}
const shares = chosen.reduce((sum, { share }) => sum + share, 0);

let failed = 0;
for (const { share, run } of chosen) {
  const report = await run(seed, (seconds * share) / shares);
  const rate = report.executions / report.seconds;
  process.stdout.write(
    `${report.target}: seed ${seed}, ${report.executions} inputs, ${rate.toFixed(0)}/s, ` +
      `longest stall ${report.longestStall.toFixed(1)} ms, memory ${(report.growth / 2 ** 20).toFixed(1)} MB, ` +
      `${report.findings.length} findings; ${report.notes}\n`,
  );
  for (const finding of report.findings) {
    failed++;
    process.stdout.write(`  ${finding.what.split('\n', 1)[0]}: ${keep(finding, seed, failed)}\n`);
  }
}
process.exit(failed === 0 ? 0 : 1);
