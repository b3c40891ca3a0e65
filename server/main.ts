/**
 * The process: reads the environment, starts the server, prints where it is, and ends it in order. It imports nothing
 * of ours before it knows that this Node can run it.
 */
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Native TypeScript and node:crypto's argon2. */
const NODE_FLOOR = { major: 24, minor: 7 };
/** Supervisors kill after ten seconds. */
const STOP_LIMIT_MS = 9_500;

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < NODE_FLOOR.major || (major === NODE_FLOOR.major && minor < NODE_FLOOR.minor)) {
  end(
    `TaskFlow needs Node ${NODE_FLOOR.major}.${NODE_FLOOR.minor} or later and this is ${process.versions.node}: start it with \`npm start\`, which brings its own.`,
  );
}
// Types are stripped and code is compiled once: it halves the time until the first answer.
enableCompileCache(fileURLToPath(new URL('../node_modules/.cache/compiled', import.meta.url)));
await main();

async function main(): Promise<void> {
  const { readConfig } = await import('./config.ts');
  const { loadBuiltPages } = await import('./http/pages.ts');
  const { createLog } = await import('./log.ts');
  const { startServer } = await import('./serve.ts');
  try {
    const config = readConfig(process.env);
    const log = createLog({ level: config.logLevel });
    for (const fault of ['uncaughtException', 'unhandledRejection'] as const) {
      // What is acknowledged is stored: ending is safe, going on after an unknown fault is not.
      process.on(fault, (error: unknown) => {
        log.error(fault, { error });
        process.exit(1);
      });
    }
    const server = await startServer(config, log, { loadPages: loadBuiltPages });
    let ending = false;
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (ending) process.exit(1);
        ending = true;
        log.info('stopping', { signal });
        setTimeout(() => end('TaskFlow did not stop in time and was ended.'), STOP_LIMIT_MS).unref();
        server.stop().then(
          () => process.exit(0),
          (error: unknown) => end(`TaskFlow did not stop in order: ${messageOf(error)}`),
        );
      });
    }
    const address = server.site.baseUrl.href.replace(/\/$/, '');
    print(`Preparing TaskFlow for ${address}`);
    const { parts, setupLink } = await server.prepare();
    parts.services.store.onFatal((error) => {
      log.error('the database is lost', { error });
      process.exit(1);
    });
    if (ending) return;
    print(`TaskFlow is at ${address}`);
    if (isPlainLan(server.site.baseUrl)) print('Notice: browsers work offline over https or on localhost only.');
    if (setupLink) print(`Set up: ${setupLink}`);
    server.open(parts);
  } catch (error) {
    end(`TaskFlow cannot start. ${messageOf(error)}`);
  }
}

function isPlainLan({ protocol, hostname }: URL): boolean {
  return protocol === 'http:' && !['localhost', '127.0.0.1', '[::1]'].includes(hostname);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function end(sentence: string): never {
  process.stderr.write(`${sentence}\n`);
  process.exit(1);
}
