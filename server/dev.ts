import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Plugin, ViteDevServer } from 'vite';
import type * as parts from './dev-parts.ts';

type DevParts = typeof parts;
type Running = { stop(): Promise<void> };

const PARTS = '/server/dev-parts.ts';
/** Editors save several files at once. */
const SETTLE_MS = 100;
/** What is running, shared by all evaluations of this file: Vite starts its next self before it ends the last. */
const RUNNING = Symbol.for('taskflow.dev');
const shared = globalThis as { [RUNNING]?: Promise<Running | null> };

/**
 * `npm run dev`: the server's own parts inside of Vite, on its port, WebSocket included. Vite loads them, so that a
 * change in server/ or in the model replaces them within seconds; pages are Vite's.
 */
export function taskflow(): Plugin {
  return {
    name: 'taskflow',
    apply: 'serve',
    configureServer(vite) {
      let app: ReturnType<DevParts['createApp']> | null = null;

      async function replace(): Promise<Running | null> {
        try {
          const loaded = (await vite.ssrLoadModule(PARTS)) as DevParts;
          await (await shared[RUNNING])?.stop();
          return await start(loaded);
        } catch (error) {
          if (error instanceof Error) vite.ssrFixStacktrace(error);
          vite.config.logger.error(`The server did not start: ${String(error instanceof Error ? error.stack : error)}`);
          return null;
        }
      }

      async function start({
        createApp,
        createLog,
        compose,
        prepareSetup,
        readConfig,
        withPort,
      }: DevParts): Promise<Running> {
        const config = readConfig(process.env);
        const log = createLog({ level: config.logLevel });
        const site = withPort(config, await portOf(vite));
        app = createApp(
          () => site,
          () => null,
        );
        const composed = await compose(site, log);
        const setupLink = await prepareSetup(composed.services.store, site.baseUrl);
        if (setupLink) vite.config.logger.info(`Set up: ${setupLink}`);
        app.ready(composed.services);
        return composed;
      }

      const again = () => (shared[RUNNING] = replace());
      void again();

      let settle: NodeJS.Timeout | undefined;
      const ours = ['server', 'src/lib/model', 'src/lib/api'].map((folder) => resolve(vite.config.root, folder));
      vite.watcher.add(ours);
      vite.watcher.on('change', (file) => {
        if (!ours.some((folder) => file.startsWith(folder)) || file.endsWith('.test.ts')) return;
        clearTimeout(settle);
        settle = setTimeout(() => void again(), SETTLE_MS);
      });

      vite.middlewares.use((request: IncomingMessage, response, next) => {
        if (app?.owns(request.url ?? '/')) app.handle(request, response);
        else next();
      });
      vite.httpServer?.on('upgrade', (request, socket, head) => app?.upgrade(request, socket, head));
      vite.httpServer?.on('close', () => void shared[RUNNING]?.then((running) => running?.stop()));
    },
  };
}

function portOf({ httpServer, config }: ViteDevServer): Promise<number> {
  const address = httpServer?.address();
  if (address && typeof address === 'object') return Promise.resolve(address.port);
  if (!httpServer) return Promise.resolve(config.server.port);
  return new Promise((done) => {
    httpServer.once('listening', () => done((httpServer.address() as AddressInfo).port));
  });
}
