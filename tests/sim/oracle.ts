import { judgeBoards } from './oracle-boards.ts';
import { judgeInboxes } from './oracle-inboxes.ts';
import { judgeSorting } from './oracle-sorting.ts';
import { judgeMessages } from './oracle-messages.ts';
import { judgePeopleWishes } from './oracle-people-wishes.ts';
import { judgePrivate } from './oracle-private.ts';
import { judgeTold } from './oracle-told.ts';
import { judgeRooms } from './oracle-rooms.ts';
import { Facts } from './facts.ts';
import type { World } from './world.ts';

/** Sockets of which nothing is heard any more are closed after 150 s. */
const EMPTY_WITHIN_MS = 6 * 60_000;

/** What is wrong with what a run left, told from nothing but what people did and what is stored. */
export async function judgeRun(world: World): Promise<string[]> {
  const facts = new Facts(world);
  return [
    ...judgeAsides(facts),
    ...judgeMessages(facts),
    ...judgeTold(facts),
    ...judgeInboxes(facts),
    ...judgeSorting(facts),
    ...judgeBoards(facts),
    ...judgeRooms(facts),
    ...judgePrivate(facts),
    ...judgePeopleWishes(facts),
    ...(await judgeMemory(world)),
  ];
}

/** As often the devices and tabs of one person may begin a document anew in a run: more is turning in circles. */
const MOST_ANEW = 40;

/** Nothing is refused from honest people, except what a change of their roles explains. */
function judgeAsides(facts: Facts): string[] {
  const { history } = facts.world;
  const unexplained = history.asides.filter(({ person, doc }) => !facts.mayLose(person, doc));
  const lost = history.entries.filter(({ fate, person, doc }) => fate === 'aside' && !facts.mayLose(person, doc));
  const anew = Map.groupBy(history.asides, ({ person, doc }) => `${person} ${doc}`);
  const circles = [...anew].filter(([, asides]) => asides.length > MOST_ANEW);
  return [
    ...circles.map(([what, asides]) => `begun anew ${asides.length} times: ${what}`),
    ...unexplained.map(({ person, doc, reason }) => `refused from an honest person: ${person} ${doc} ${reason}`),
    ...lost.map(({ nth, act, doc }) => `set aside without a reason: #${nth} ${JSON.stringify(act)} in ${doc}`),
  ];
}

/** Nobody looks any more: nothing is kept in the server. */
async function judgeMemory(world: World): Promise<string[]> {
  for (const tab of world.tabs) tab.crash();
  const { process } = world.server;
  if (process === null) return ['the server is down'];
  const left = (): string[] =>
    Object.entries(process.sync.stats()).flatMap(([what, count]) =>
      ['sockets', 'connections', 'documents', 'waiting', 'lanes'].includes(what) && count > 0
        ? [`kept in memory: ${count} ${what}`]
        : [],
    );
  await world.clock.run(() => left().length === 0, world.clock.now + EMPTY_WITHIN_MS);
  return left();
}
