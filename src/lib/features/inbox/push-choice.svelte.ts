import { push } from '$lib/api/later.ts';
import type { UserId } from '$lib/model/ids.ts';
import { alerts } from './alerts.svelte.ts';

/** Whether this browser is told while no page of TaskFlow is open. */
export type PushState =
  | { kind: 'unsupported' }
  | { kind: 'looking' }
  | { kind: 'off' }
  | { kind: 'changing' }
  | { kind: 'on' }
  | { kind: 'failed'; why: string };

/** Whose choice it was: on a browser that several people use, each chooses for themselves. */
const CHOSEN_BY = 'taskflow:push';
const NO_SERVICE = 'This browser has no push service, or it cannot be reached.';

export class PushChoice {
  readonly #me: UserId;
  #state = $state.raw<PushState>({ kind: 'looking' });

  constructor(me: UserId) {
    this.#me = me;
  }

  get state(): PushState {
    return this.#state;
  }

  /** Finds out how things are. */
  async look(): Promise<void> {
    const worker = await registration();
    if (worker === null) this.#state = { kind: 'unsupported' };
    else this.#state = { kind: (await this.#chosen(worker)) === null ? 'off' : 'on' };
  }

  /** The session may be another one than the subscription was told to: says it once more. Offline, the next page does. */
  async renew(): Promise<void> {
    const worker = await registration();
    const chosen = worker === null ? null : await this.#chosen(worker);
    if (chosen !== null) await tellServer(chosen);
  }

  /** Call it when a person pressed for it: the browser may ask its question. */
  async turnOn(): Promise<void> {
    this.#state = { kind: 'changing' };
    await alerts.turnOn();
    const worker = await registration();
    if (worker === null || alerts.state !== 'on') return this.look();
    const key = await push.key();
    if (!key.ok) return this.#fail(key.error.message);
    let made: PushSubscription;
    try {
      // One that was made for another server's key could not be used.
      await (await worker.pushManager.getSubscription())?.unsubscribe();
      made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key.value.key });
    } catch {
      return this.#fail(NO_SERVICE);
    }
    const told = await tellServer(made);
    if (!told.ok) {
      await made.unsubscribe().catch(() => false);
      return this.#fail(told.error.message);
    }
    localStorage.setItem(CHOSEN_BY, this.#me);
    this.#state = { kind: 'on' };
  }

  async turnOff(): Promise<void> {
    this.#state = { kind: 'changing' };
    localStorage.removeItem(CHOSEN_BY);
    const worker = await registration();
    await (await worker?.pushManager.getSubscription())?.unsubscribe().catch(() => false);
    // Should the server not hear of it, the push service tells it when it next sends something.
    await push.unsubscribe();
    this.#state = { kind: 'off' };
  }

  #fail(why: string): void {
    this.#state = { kind: 'failed', why };
  }

  async #chosen(worker: ServiceWorkerRegistration): Promise<PushSubscription | null> {
    return localStorage.getItem(CHOSEN_BY) === this.#me ? worker.pushManager.getSubscription() : null;
  }
}

async function registration(): Promise<ServiceWorkerRegistration | null> {
  if (!('serviceWorker' in navigator) || !('PushManager' in window)) return null;
  return (await navigator.serviceWorker.getRegistration()) ?? null;
}

function tellServer(subscription: PushSubscription) {
  const { p256dh = '', auth = '' } = subscription.toJSON().keys ?? {};
  return push.subscribe({ endpoint: subscription.endpoint, keys: { p256dh, auth } });
}
