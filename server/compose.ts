import { createPasswords } from './auth/passwords.ts';
import { createSessions } from './auth/sessions.ts';
import { createThrottle } from './auth/throttle.ts';
import { watchSessions } from './auth/watch.ts';
import type { Config, SiteConfig } from './config.ts';
import type { Doors } from './http/app.ts';
import { createLimits } from './http/limits.ts';
import type { Services } from './http/route.ts';
import { createRouter } from './http/router.ts';
import { ROUTES } from './http/routes.ts';
import { createUpgrader } from './http/upgrade.ts';
import type { Log } from './log.ts';
import webPush from 'web-push';
import { createPushSender } from './push/sender.ts';
import { openStore, StoreUnavailable, type Store } from './store/store.ts';
import { createSync, type SyncOptions } from './sync/sync.ts';

/** Guesses at one account from one address: ten at once, then one in 30 seconds. Whoever is right is never counted. */
const PAIR_GUESSES = { capacity: 10, refillMs: 30_000 };
/** Guesses at one account from everywhere. More, so that one guesser does not keep the account's owner out. */
const ACCOUNT_GUESSES = { capacity: 100, refillMs: 30_000 };
/** Guesses from one address, behind which a whole office may sit. */
const ADDRESS_GUESSES = { capacity: 50, refillMs: 3_000 };
/** Push services want to know whom to write to; who tries TaskFlow without https has no such address. */
const NO_CONTACT = 'mailto:nobody@taskflow.invalid';
const SWEEP_MS = 3_600_000;
/** A database that starts beside this process may need this long. */
const DATABASE_PATIENCE_MS = 60_000;
const DATABASE_RETRY_MS = 1_000;

/** The parts behind HTTP, joined. */
export interface Parts extends Doors {
  /** Finishes what is being stored, closes every socket, then the database. */
  stop(): Promise<void>;
}

/** When what is deleted is erased. */
export type Paces = Pick<SyncOptions, 'erasure' | 'compactEveryMs'>;

/** Opens the database and joins everything that stands on it. Rejects with a sentence for whoever starts the server. */
export async function compose(
  site: SiteConfig,
  log: Log,
  { now = Date.now, sync: paces }: { now?: () => number; sync?: Paces } = {},
): Promise<Parts> {
  const store = await openPatiently(site, log);
  const sessions = createSessions(store, site.baseUrl);
  const push = createPushSender(
    await store.push.vapid(webPush.generateVAPIDKeys()),
    site.baseUrl.protocol === 'https:' ? site.baseUrl.origin : NO_CONTACT,
    site.pushPrivateEndpoints,
  );
  const sync = createSync({ ...paces, store, log, auth: { userForToken: sessions.userForToken }, push });
  const services: Services = {
    site,
    log: log.child('http'),
    store,
    sync,
    push,
    sessions,
    passwords: createPasswords(),
    throttles: {
      pair: createThrottle(PAIR_GUESSES, now),
      account: createThrottle(ACCOUNT_GUESSES, now),
      address: createThrottle(ADDRESS_GUESSES, now),
    },
    limits: createLimits(),
    now,
  };
  const sweep = setInterval(() => {
    sessions.removeExpired().catch((error: unknown) => log.warn('expired sessions were not removed', { error }));
  }, SWEEP_MS);
  sweep.unref();
  const unwatch = watchSessions(store, sync, log);

  return {
    services,
    api: createRouter(ROUTES, services),
    upgrade: createUpgrader(services),
    async stop() {
      clearInterval(sweep);
      unwatch();
      await sync.stop();
      await store.close();
    },
  };
}

async function openPatiently({ databaseUrl, dataDir }: Config, log: Log): Promise<Store> {
  const deadline = Date.now() + DATABASE_PATIENCE_MS;
  for (;;) {
    try {
      return await openStore({ databaseUrl, dataDir, log });
    } catch (error) {
      if (!(error instanceof StoreUnavailable) || Date.now() > deadline) throw error;
      log.warn('waiting for the database of DATABASE_URL', { code: error.code });
      await new Promise((resolve) => setTimeout(resolve, DATABASE_RETRY_MS));
    }
  }
}
