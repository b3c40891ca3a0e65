import { addressOf } from '../config.ts';
import type { Store } from '../store/store.ts';
import { hashSecret, newSecret } from './secrets.ts';

/**
 * The link that makes the first account, or null when there is one. Each call makes the link of the call before
 * worthless: only its hash is kept, so a restart has nothing to show again.
 */
export async function prepareSetup(store: Store, baseUrl: URL): Promise<string | null> {
  if ((await store.users.count()) > 0) return null;
  const token = newSecret();
  if (!(await store.settings.offerSetup(hashSecret(token)))) return null;
  return addressOf(baseUrl, `/setup?token=${token}`);
}
