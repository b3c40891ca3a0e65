import { excerptOf } from '$lib/model/excerpt.ts';
import { announce } from '$lib/ui/announcer.svelte.ts';
import { teller } from './arrival-teller.ts';
import type { Conversation } from './conversation.svelte.ts';

/**
 * Tells people who listen what has just been said by others. The list itself is silent: scrolling up or a late
 * synchronisation would otherwise read out hundreds of old messages. Call while a component starts.
 */
export function announceArrivals(conversation: Conversation): void {
  let told: number | null = null;
  const { hear, end } = teller(announce, (message) => {
    const { people } = conversation;
    const text = message.body.kind === 'message' ? excerptOf(message.body.text, people) : 'a deleted message';
    return `${people.get(message.author)?.name ?? 'Someone'}: ${text}`;
  });
  $effect(() => end);
  $effect(() => {
    const { newest, messages } = conversation.timeline;
    if (!conversation.landing.entered) return;
    const before = told;
    told = Math.max(newest, before ?? 0);
    if (before === null || newest <= before || document.visibilityState !== 'visible') return;
    const fresh = messages.filter(
      (message) => message.seq !== null && message.seq > before && message.author !== conversation.me.id,
    );
    if (fresh.length > 0) hear(fresh);
  });
}
