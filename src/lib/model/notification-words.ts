import type { NotificationKind } from './inbox-fields.ts';

/** What somebody did: 'Anna mentioned you'. */
export const DEEDS: Record<NotificationKind, string> = {
  mention: 'mentioned you',
  reply: 'answered you',
  group: 'called everybody',
  message: 'wrote',
};

/** Told because somebody meant this person: by name, by an answer, or as one of a group. */
export function isMention({ kind }: { kind: NotificationKind }): boolean {
  return kind !== 'message';
}
