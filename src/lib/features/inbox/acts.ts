import Clock from '@lucide/svelte/icons/clock';
import type { Place } from '$lib/model/inbox.ts';
import { snoozeTimes } from './snooze-times.ts';

/** The ways of putting something off, for a menu. By this device's clock, which also ends them. */
export function snoozeItems(onput: (place: Place) => void) {
  return snoozeTimes(Date.now()).map(({ label, at, hint }) => ({
    label: `Snooze: ${label.toLowerCase()}`,
    hint,
    icon: Clock,
    onselect: () => onput({ kind: 'snoozed', until: at }),
  }));
}
