import type { Message } from '$lib/model/conversation.ts';
import type { UserId } from '$lib/model/ids.ts';

/** Messages of one person within this time stand together under one name. */
export const GROUP_WITHIN_MS = 5 * 60_000;

/** What the list shows, from the top: breaks by day, the unread divider, and messages. */
export type Row =
  | { readonly kind: 'day'; readonly key: string; readonly at: number }
  | { readonly kind: 'divider'; readonly key: 'divider' }
  | {
      readonly kind: 'message';
      readonly key: string;
      readonly message: Message;
      /** Shows its author's name. */ readonly lead: boolean;
    };

/** The midnight before a moment here, or `days` later. */
function midnight(at: number, days = 0): number {
  const date = new Date(at);
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime();
}

/** The time a message stands under: the server's, or the writer's own until there is one. */
export function shownTime(message: Message): number | null {
  return message.time ?? (message.body.kind === 'message' ? message.body.hint : null);
}

function isFollowUp(previous: Message, next: Message): boolean {
  if (previous.author !== next.author) return false;
  if (previous.body.kind !== 'message' || next.body.kind !== 'message') return false;
  if (previous.removedBy !== null || next.removedBy !== null) return false;
  const [earlier, later] = [shownTime(previous), shownTime(next)];
  return earlier !== null && later !== null && later - earlier < GROUP_WITHIN_MS;
}

/**
 * Lays messages out as rows. A row that has not changed is the same object as before, so that appending a message renders
 * one row. The divider stands before the first message after `dividerAfter` that somebody else wrote.
 */
export function rowLayout(): (messages: readonly Message[], dividerAfter: number | null, me: string) => readonly Row[] {
  let known = new Map<string, Row>();
  return (messages, dividerAfter, me) => {
    const rows: Row[] = [];
    const now = new Map<string, Row>();
    const keep = (row: Row): void => {
      rows.push(row);
      now.set(row.key, row);
    };
    let previous: Message | null = null;
    let [day, nextDay] = [NaN, NaN];
    // With earlier unread messages above the window, the divider stands up there.
    let divided = dividerAfter === null || (messages[0]?.seq ?? 0) > dividerAfter + 1;
    for (const message of messages) {
      let broken = previous === null;
      const at = shownTime(message);
      if (at !== null && !(at >= day && at < nextDay)) {
        // A pending message with a wrong clock may stand under an earlier day than the one above it: keys stay unique.
        [day, nextDay] = [midnight(at), midnight(at, 1)];
        let key = `day ${day}`;
        while (now.has(key)) key += '+';
        const old = known.get(key);
        keep(old?.kind === 'day' && midnight(old.at) === day ? old : { kind: 'day', key, at });
        broken = true;
      }
      if (!divided && message.seq !== null && message.seq > (dividerAfter ?? 0) && message.author !== me) {
        keep(known.get('divider') ?? { kind: 'divider', key: 'divider' });
        divided = true;
        broken = true;
      }
      const lead = broken || previous === null || !isFollowUp(previous, message);
      const old = known.get(message.slot);
      keep(
        old?.kind === 'message' && old.message === message && old.lead === lead
          ? old
          : { kind: 'message', key: message.slot, message, lead },
      );
      previous = message;
    }
    known = now;
    return rows;
  };
}

/** How many of the last messages say who is active here. */
const RECENT = 50;

/** Who wrote the last messages, latest first. */
export function lastSpeakers(messages: readonly Message[]): UserId[] {
  return [
    ...new Set(
      messages
        .slice(-RECENT)
        .map((message) => message.author)
        .reverse(),
    ),
  ];
}
