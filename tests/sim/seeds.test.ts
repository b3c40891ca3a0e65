import { expect, test } from 'vitest';
import { CLOCK_FAULTS } from './clock-faults.ts';
import { CHOOSING } from './operations-levels.ts';
import { runAll } from './pool.ts';

/** What came into the simulator after a seed was found would have moved everything in it. */
const BEFORE_CLOCKS = [...CLOCK_FAULTS.map(([name]) => name), CHOOSING];
const BEFORE_LEVELS = [CHOOSING];

/** Runs that once broke a promise, each with what had been wrong. They stay, however the simulator changes. */
const FOUND: readonly { seed: number; what: string; without?: readonly string[] }[] = [
  {
    seed: 4,
    what: 'changes that waited in a board kept it on the device of who had been removed from it',
    without: BEFORE_CLOCKS,
  },
  {
    seed: 9,
    what: 'a copy of the rooms that was read earlier was written over one that was read later',
    without: BEFORE_CLOCKS,
  },
  {
    seed: 52,
    what: 'a reaction to one’s own message stayed behind when the message was moved to a later volume',
    without: BEFORE_CLOCKS,
  },
  { seed: 1021, what: 'a reaction stayed behind where its message no longer stood', without: BEFORE_CLOCKS },
  { seed: 8, what: 'words in a task whose card had been refused waited for ever', without: BEFORE_CLOCKS },
  {
    seed: 22,
    what: 'a denial that was on its way since before the card set aside the words in its task',
    without: BEFORE_CLOCKS,
  },
  { seed: 53, what: 'a tab called a task absent because another tab had sent the card', without: BEFORE_CLOCKS },
  { seed: 200, what: 'of two read marks set apart the smaller could win', without: BEFORE_CLOCKS },
  {
    seed: 76,
    what: 'an edit of a message from another device held up what was written after it',
    without: BEFORE_CLOCKS,
  },
  {
    seed: 5075,
    what: 'what was written while a document came afresh after a refusal waited for ever',
    without: BEFORE_CLOCKS,
  },
  { seed: 846, what: 'what was written in the moment in which its document opened came before earlier words' },
  {
    seed: 300_023,
    what: 'once the clock was set back, the server kept sockets of which nothing was heard any more',
    without: BEFORE_LEVELS,
  },
  { seed: 300_039, what: 'the same, with everything that was open on them', without: BEFORE_LEVELS },
  { seed: 8_024, what: 'once the server’s clock was set back, jobs waited until it had come there again' },
  { seed: 402_188, what: 'a tab that was slow to let go of a copy undid the later one of another tab, with its words' },
  {
    seed: 405_684,
    what: 'what was written before earlier words were read came before them, on a device whose clock was set back',
  },
  {
    seed: 403_919,
    what: 'a board that one looks at after being removed was let go of ten times a second; an inbox kept a room of before',
  },
  {
    seed: 600_069,
    what: 'an update that came before what it builds on made a tab let go of a room that is there',
  },
  {
    seed: 414_803,
    what: 'letting somebody into a room that was archived meanwhile was refused for a reason not its own',
  },
];

test.each(FOUND)('seed $seed: $what', async ({ seed, without = [] }) => {
  const problems: string[] = [];
  const { failures, runs } = await runAll([{ seed, devices: 5, operations: 200, without }], 1, (outcome) => {
    problems.push(...outcome.problems);
    return true;
  });
  expect(problems).toEqual([]);
  expect({ failures, runs }).toEqual({ failures: 0, runs: 1 });
});
