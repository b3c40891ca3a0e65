const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Formatters are slow to make (about 50 µs) and the same few are needed on every row. */
const formatters = new Map<string, Intl.DateTimeFormat>();
function formatter(locale: string | undefined, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale ?? ''} ${JSON.stringify(options)}`;
  let made = formatters.get(key);
  if (!made) formatters.set(key, (made = new Intl.DateTimeFormat(locale, options)));
  return made;
}

const relatives = new Map<string, Intl.RelativeTimeFormat>();
function relative(locale: string | undefined, style: 'short' | 'long'): Intl.RelativeTimeFormat {
  const key = `${locale ?? ''} ${style}`;
  let made = relatives.get(key);
  if (!made) relatives.set(key, (made = new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style })));
  return made;
}

/**
 * A moment as people say it: 'now', '5 min. ago', '3 hr. ago' under a day, then the locale's date, with the year when
 * it is another one. A moment a little ahead of this device's clock counts as now: clocks differ.
 */
export function relativeTime(at: number, now: number, locale?: string): string {
  const age = Math.max(0, now - at);
  const words = relative(locale, 'short');
  if (age < MINUTE && at - now < HOUR) return words.format(0, 'second');
  if (age < HOUR && age > 0) return words.format(-Math.floor(age / MINUTE), 'minute');
  if (age < DAY && age > 0) return words.format(-Math.floor(age / HOUR), 'hour');
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return formatter(locale, sameYear ? { day: 'numeric', month: 'short' } : { dateStyle: 'medium' }).format(at);
}

/** A row asks twice, for its name and for its time's tooltip. */
let exact: { at: number; locale: string | undefined; words: string } | undefined;

/** The exact moment, in the locale's words, for a tooltip. */
export function exactTime(at: number, locale?: string): string {
  if (exact?.at !== at || exact.locale !== locale) {
    exact = { at, locale, words: formatter(locale, { dateStyle: 'full', timeStyle: 'short' }).format(at) };
  }
  return exact.words;
}

/** Hours and minutes only. */
export function clockTime(at: number, locale?: string): string {
  return formatter(locale, { timeStyle: 'short' }).format(at);
}

/** A day as a heading: 'today', 'yesterday', else the weekday and the date, with the year when it is another one. */
export function dayName(at: number, now: number, locale?: string): string {
  const midnight = (time: number) => new Date(time).setHours(0, 0, 0, 0);
  // Rounded, because a day may have 23 or 25 hours.
  const days = Math.round((midnight(at) - midnight(now)) / DAY);
  if (days === 0 || days === -1) {
    const text = relative(locale, 'long').format(days, 'day');
    return text.charAt(0).toLocaleUpperCase(locale) + text.slice(1);
  }
  const sameYear = new Date(at).getFullYear() === new Date(now).getFullYear();
  return formatter(locale, {
    weekday: 'long',
    day: 'numeric',
    month: 'long',
    ...(sameYear ? {} : { year: 'numeric' }),
  }).format(at);
}
