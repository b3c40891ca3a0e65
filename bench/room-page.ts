import type { Browser, Page } from '@playwright/test';
import { VOLUME_ENTRIES } from '../src/lib/model/limits.ts';
import { createLog } from '../server/log.ts';
import { openStore } from '../server/store/store.ts';
import { freshDataDir } from '../tests/harness/data-dir.ts';
import { join, makeBoard, makeRoom, setUp, type Person } from '../tests/harness/people.ts';
import { TestServer } from '../tests/harness/server.ts';
import { writeHistory } from './history.ts';

export type RoomWorld = {
  server: TestServer;
  board: string;
  room: string;
  reader: Person;
  others: readonly Person[];
  /** Where messages of the room are sent to, below the API. */
  messages: string;
  /** The room, open in a browser of the reader's own, once `script` has run in it. */
  page: (browser: Browser, script: () => void) => Promise<Page>;
  dispose: () => Promise<void>;
};

/** A server with one room of `count` messages. End it by `dispose`. */
export async function openHistory(count: number): Promise<RoomWorld> {
  const dataDir = await freshDataDir();
  const server = await TestServer.start({ engine: 'embedded', dataDir });
  try {
    const reader = await setUp(server);
    const board = await makeBoard(server, reader);
    const room = await makeRoom(server, reader, board, 'General');
    const names = ['Anna Larsen', 'Ben Okafor', 'Chen Wei', 'Dora Novak'];
    const others: Person[] = [];
    for (const [i, name] of names.entries()) others.push(await join(server, reader, board, `person${i}`, name));
    await server.stop();
    const store = await openStore({ dataDir, log: createLog({ level: 'warn' }) });
    await writeHistory(store, {
      ref: `room/${room}`,
      authors: [reader, ...others],
      count,
      perVolume: VOLUME_ENTRIES,
      seed: 7,
    });
    await store.close();
    await server.start();
    return {
      server,
      board,
      room,
      reader,
      others,
      messages: `/rooms/${room}/messages`,
      async page(browser, script) {
        const context = await browser.newContext({ baseURL: server.url, viewport: { width: 1280, height: 900 } });
        const [name = '', value = ''] = reader.cookie.split('=', 2);
        await context.addCookies([{ name, value, url: server.url, httpOnly: true, sameSite: 'Lax' }]);
        const page = await context.newPage();
        await page.addInitScript(script);
        await page.goto(`/b/${board}/r/${room}`);
        return page;
      },
      dispose: () => server.dispose(),
    };
  } catch (error) {
    await server.dispose();
    throw error;
  }
}
