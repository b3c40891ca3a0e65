import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Duplex } from 'node:stream';
import type { Plugin } from 'vite';
import type * as parts from './dev-parts.ts';

type DevParts = typeof parts;
type Running = { stop(): Promise<void> };

/** What the server is made of: a change in it replaces the server. */
const OURS = ['server', 'src/lib/model', 'src/lib/api'];
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
      const { httpServer, config: viteConfig } = vite;
      // Without a server of its own (another tool's), Vite has no port to be served on.
      if (!httpServer) return;
      let app: ReturnType<DevParts['createApp']> | null = null;
      let closed = false;

      async function replace(): Promise<Running | null> {
        const before = shared[RUNNING];
        try {
          const loaded = (await vite.ssrLoadModule(PARTS)) as DevParts;
          await (await before)?.stop();
          return await start(loaded);
        } catch (error) {
          if (closed) return null;
          if (error instanceof Error) vite.ssrFixStacktrace(error);
          viteConfig.logger.error(`The server did not start. ${String(error instanceof Error ? error.stack : error)}`);
          return (await before) ?? null;
        }
      }

      async function start(parts: DevParts): Promise<Running> {
        const config = parts.readConfig(process.env);
        const log = parts.createLog({ level: config.logLevel });
        const site = parts.withPort(config, (httpServer?.address() as AddressInfo).port);
        app = parts.createApp(
          () => site,
          () => null,
        );
        const composed = await parts.compose(site, log);
        const setupLink = await parts.prepareSetup(composed.services.store, site.baseUrl);
        if (setupLink) viteConfig.logger.info(`  Set up: ${setupLink}`);
        app.ready(composed);
        return composed;
      }

      function again(): void {
        shared[RUNNING] = replace();
      }

      // Not earlier: Vite can load nothing before it listens.
      httpServer.once('listening', again);
      httpServer.once('close', () => {
        closed = true;
        void shared[RUNNING]?.then((running) => running?.stop());
      });

      let settle: NodeJS.Timeout | undefined;
      const ours = OURS.map((folder) => resolve(viteConfig.root, folder));
      vite.watcher.add(ours);
      vite.watcher.on('change', (file) => {
        if (!ours.some((folder) => file.startsWith(folder)) || file.endsWith('.test.ts')) return;
        clearTimeout(settle);
        settle = setTimeout(again, SETTLE_MS);
      });

      vite.middlewares.use((request: IncomingMessage, response: ServerResponse, next: () => void) => {
        if (app?.owns(request.url ?? '/')) app.handle(request, response);
        else next();
      });
      httpServer.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
        app?.upgrade(request, socket, head);
      });
    },
  };
}
