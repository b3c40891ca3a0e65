/**
 * Fuzzes the gate, the sockets and a real server with faulty bytes: `npm run fuzz -- --minutes 60 --seed 7`.
 * One minute and seed 1 by default, which is also a step of `npm test`; `--target gate`, `socket` or `server` runs one.
 * Exit status 0 when nothing broke; else each finding is in a file under test-results/fuzz.
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const entry = fileURLToPath(new URL('../tests/fuzz/bytes-run.ts', import.meta.url));
const done = spawnSync(process.execPath, ['--expose-gc', entry, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(done.status ?? 1);
