/** Whether this browser may tell people of messages: theirs to say, device by device. */
export type Alerts = 'unsupported' | 'not-asked' | 'refused' | 'off' | 'on';

const CHOICE = 'taskflow:alerts';
const OFFER = 'taskflow:alerts-offer';

function kept(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // It holds until the page is closed.
    return;
  }
}

class AlertChoice {
  #permission = $state<NotificationPermission | null>(
    typeof Notification === 'undefined' ? null : Notification.permission,
  );
  #off = $state(kept(CHOICE) === 'off');
  #offered = $state(kept(OFFER) === 'declined');

  constructor() {
    if (typeof window === 'undefined') return;
    // The other tabs of this browser choose for all.
    addEventListener('storage', ({ key }) => {
      if (key === CHOICE) this.#off = kept(CHOICE) === 'off';
      if (key === OFFER) this.#offered = kept(OFFER) === 'declined';
    });
    // It can be changed in the browser's own settings, too.
    addEventListener('focus', () => this.#look());
  }

  get state(): Alerts {
    if (this.#permission === null) return 'unsupported';
    if (this.#permission === 'default') return 'not-asked';
    if (this.#permission === 'denied') return 'refused';
    return this.#off ? 'off' : 'on';
  }

  /** Whether it makes sense to offer it once more. */
  get mayOffer(): boolean {
    return this.state === 'not-asked' && !this.#offered;
  }

  /** Asks the browser's question. Call it when a person pressed for it, never by itself. */
  async turnOn(): Promise<void> {
    this.#off = false;
    keep(CHOICE, 'on');
    if (typeof Notification !== 'undefined' && Notification.permission === 'default')
      await Notification.requestPermission();
    this.#look();
  }

  turnOff(): void {
    this.#off = true;
    keep(CHOICE, 'off');
  }

  decline(): void {
    this.#offered = true;
    keep(OFFER, 'declined');
  }

  #look(): void {
    this.#permission = typeof Notification === 'undefined' ? null : Notification.permission;
  }
}

export const alerts = new AlertChoice();
