import type { Message } from '$lib/model/conversation.ts';

/** More than so many messages within that time are counted, not read out. */
const MOST = 3;
const WITHIN_MS = 2_000;

/**
 * Decides what is said of messages as they arrive: each in its words, unless they come faster than anybody can listen.
 * Then they are counted, and the sum is said once it is calm for a while.
 */
export function teller(say: (words: string) => void, wordsOf: (message: Message) => string) {
  let recent: number[] = [];
  let unsaid = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const sum = (): void => {
    timer = undefined;
    say(`${unsaid} new messages`);
    unsaid = 0;
  };
  return {
    hear: (fresh: readonly Message[], now = Date.now()): void => {
      recent = [...recent.filter((at) => now - at < WITHIN_MS), ...fresh.map(() => now)];
      if (recent.length <= MOST && timer === undefined) {
        for (const message of fresh) say(wordsOf(message));
        return;
      }
      unsaid += fresh.length;
      clearTimeout(timer);
      timer = setTimeout(sum, WITHIN_MS);
    },
    end: () => clearTimeout(timer),
  };
}
