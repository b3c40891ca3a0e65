import { membersOf } from '$lib/model/group-calls.ts';
import type { UserId } from '$lib/model/ids.ts';
import { mentionsIn, type Group } from '$lib/model/mentions.ts';

/** A group as it is offered: what it means here, and how many others it would tell. */
export interface GroupOffer {
  group: Group;
  means: string;
  people: ReadonlySet<UserId>;
  /** Who is connected is the server's to know: it may be fewer. */
  atMost: boolean;
}

interface Round {
  /** Null in a room. */
  writers: ReadonlySet<UserId> | null;
  readers: readonly UserId[];
  isPrivate: boolean;
  me: UserId;
}

/** The groups that may be called in a conversation, the nearest first. */
export function groupOffers({ writers, readers, isPrivate, me }: Round): GroupOffer[] {
  const others = readers.filter((id) => id !== me);
  const offer = (group: Group, means: string): GroupOffer => ({
    group,
    means,
    people: new Set(membersOf(group, { readers: others, writers, here: null })),
    atMost: group === 'here',
  });
  return [
    offer('room', writers === null ? 'Everyone in this room' : 'Everyone who has written here'),
    offer('here', 'Everyone who is online now'),
    // In a private room it would mean the same as its people.
    ...(isPrivate ? [] : [offer('board', 'Everyone on this board')]),
  ];
}

/** Whom stored words would tell by the groups they call; null for nobody. */
export function calledIn(
  stored: string,
  offers: readonly GroupOffer[],
): { groups: Group[]; people: number; atMost: boolean } | null {
  if (!stored.includes('<@!')) return null;
  const groups = mentionsIn(stored).groups;
  const called = offers.filter(({ group }) => groups.has(group));
  const people = new Set(called.flatMap((offer) => [...offer.people])).size;
  if (called.length === 0) return null;
  const certain = Math.max(0, ...called.filter(({ atMost }) => !atMost).map((offer) => offer.people.size));
  return { groups: called.map(({ group }) => group), people, atMost: certain < people };
}

/** '12 people', 'up to 12 people'. */
export function peopleWords(people: number, atMost = false): string {
  const count = `${people.toLocaleString()} ${people === 1 ? 'person' : 'people'}`;
  return atMost ? `up to ${count}` : count;
}
