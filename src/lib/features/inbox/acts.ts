import Clock from '@lucide/svelte/icons/clock';
import type { Place } from '$lib/model/inbox.ts';
import type { MenuItem } from '$lib/ui/menu.svelte';
import { snoozeTimes } from './snooze-times.ts';

/** The ways of putting something off, for a menu. By this device's clock, which also ends them. */
export function snoozeItems(onput: (place: Place) => void): MenuItem[] {
  return snoozeTimes(Date.now()).map(({ label, at, hint }) => ({
    label: `Snooze: ${label.toLowerCase()}`,
    hint,
    icon: Clock,
    onselect: () => onput({ kind: 'snoozed', until: at }),
  }));
}
