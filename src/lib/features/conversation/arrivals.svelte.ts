import { excerptOf } from '$lib/model/mentions.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';
import type { Conversation } from './conversation.svelte.ts';

/**
 * Tells people who listen what has just been said. The list itself is silent: scrolling up or a late synchronisation would
 * otherwise read out hundreds of old messages. Call while a component starts.
 */
export function announceArrivals(conversation: Conversation): void {
  let told: number | null = null;
  $effect(() => {
    const { newest, messages } = conversation.timeline;
    if (!conversation.landing.entered) return;
    const before = told;
    told = Math.max(newest, before ?? 0);
    if (before === null || newest <= before || document.visibilityState !== 'visible') return;
    const fresh = messages.filter(
      (message) => message.seq !== null && message.seq > before && message.author !== conversation.me.id,
    );
    const last = fresh.at(-1);
    if (!last || last.body.kind !== 'message') return;
    const { people } = conversation;
    const words = `${people.get(last.author)?.name ?? 'Someone'}: ${excerptOf(last.body.text, people)}`;
    announce(fresh.length === 1 ? words : `${fresh.length} new messages. ${words}`);
  });
}
