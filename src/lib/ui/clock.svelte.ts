import { createSubscriber } from 'svelte/reactivity';

const TICK_MS = 30_000;

/** One timer for every relative time on the page; it runs only while something shows one and the page is visible. */
const subscribe = createSubscriber((update) => {
  const tick = () => {
    if (!document.hidden) update();
  };
  const timer = setInterval(tick, TICK_MS);
  document.addEventListener('visibilitychange', tick);
  return () => {
    clearInterval(timer);
    document.removeEventListener('visibilitychange', tick);
  };
});

let ahead = $state(0);

export const clock = {
  /** Now, in ms since the epoch; reading it in an effect or template subscribes to its ticks. */
  get now(): number {
    subscribe();
    return Date.now() + ahead;
  },
  /** Says how far, in ms, the right time is ahead of this device's clock. */
  correct(by: number): void {
    ahead = by;
  },
};
