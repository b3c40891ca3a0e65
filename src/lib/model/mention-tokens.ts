import type { UserId } from './ids.ts';

/** Everybody at once: of the room, of those who are there now, of the board. */
export const GROUPS = ['room', 'here', 'board'] as const;
export type Group = (typeof GROUPS)[number];
export type Mentioned = { kind: 'user'; id: UserId } | { kind: 'group'; group: Group };

const TOKEN = /<@(?:!(room|here|board)|([0-9a-z]{16,24}))>/y;

export function isGroup(value: unknown): value is Group {
  return GROUPS.some((group) => group === value);
}

/** The stored form of a mention. */
export function mentionToken(target: { user: UserId } | { group: Group }): string {
  return 'user' in target ? `<@${target.user}>` : `<@!${target.group}>`;
}

/** The stored mention that begins at `at`, and where it ends. */
export function mentionTokenAt(source: string, at: number): { mentioned: Mentioned; to: number } | null {
  TOKEN.lastIndex = at;
  const [, group, id] = TOKEN.exec(source) ?? [];
  const to = TOKEN.lastIndex;
  if (id !== undefined) return { mentioned: { kind: 'user', id }, to };
  return isGroup(group) ? { mentioned: { kind: 'group', group }, to } : null;
}
