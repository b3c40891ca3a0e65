import type { UserId } from '$lib/model/ids.ts';
import type { Wish } from '$lib/model/inbox.ts';

/** What was wished of a room, as the beginning of a sentence about what became of it. */
export function wishWords(wish: Wish, me: UserId, people: ReadonlyMap<UserId, { name: string }> = new Map()): string {
  if (wish.kind === 'person') {
    const name = people.get(wish.user)?.name ?? 'somebody';
    if (wish.user === me) return wish.inside ? 'Staying in the room' : 'Leaving the room';
    return wish.inside ? `Letting ${name} into the room` : `Taking ${name} out of the room`;
  }
  switch (wish.field) {
    case 'name':
      return `The name “${wish.value}”`;
    case 'description':
      return `The description “${wish.value}”`;
    case 'archived':
      return wish.value ? 'Archiving the room' : 'Restoring the room';
  }
}
