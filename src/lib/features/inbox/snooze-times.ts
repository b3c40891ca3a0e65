import { clockTime } from '../../ui/relative-time.ts';

export type SnoozeTime = { label: string; at: number; hint: string };

const HOUR_MS = 3_600_000;
const EVENING = 18;
const MORNING = 8;
const MONDAY = 1;

/** Until when something may be put off, by the clock of this place; this evening is none when it is near. */
export function snoozeTimes(now: number, locale?: string): SnoozeTime[] {
  const day = (ahead: number, hour: number): number => {
    const date = new Date(now);
    date.setDate(date.getDate() + ahead);
    return date.setHours(hour, 0, 0, 0);
  };
  const weekday = (at: number) => new Intl.DateTimeFormat(locale, { weekday: 'short' }).format(at);
  const dated = (at: number) => `${weekday(at)} ${clockTime(at, locale)}`;
  const evening = day(0, EVENING);
  const tomorrow = day(1, MORNING);
  const monday = day((MONDAY + 7 - new Date(now).getDay()) % 7 || 7, MORNING);
  const inAnHour = now + HOUR_MS;
  return [
    { label: 'In an hour', at: inAnHour, hint: clockTime(inAnHour, locale) },
    ...(evening > inAnHour ? [{ label: 'This evening', at: evening, hint: clockTime(evening, locale) }] : []),
    { label: 'Tomorrow morning', at: tomorrow, hint: dated(tomorrow) },
    { label: 'Next week', at: monday, hint: dated(monday) },
  ];
}
