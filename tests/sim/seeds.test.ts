import { expect, test } from 'vitest';
import { CLOCK_FAULTS } from './clock-faults.ts';
import { runAll } from './pool.ts';

/** What came into the simulator after a seed was found would have moved everything in it. */
const STEADY_CLOCKS = CLOCK_FAULTS.map(([name]) => name);

/** Runs that once broke a promise, each with what had been wrong. They stay, however the simulator changes. */
const FOUND: readonly (readonly [seed: number, what: string, without?: readonly string[]])[] = [
  [4, 'changes that waited in a board kept it on the device of who had been removed from it', STEADY_CLOCKS],
  [9, 'a copy of the rooms that was read earlier was written over one that was read later', STEADY_CLOCKS],
  [52, 'a reaction to one’s own message stayed behind when the message was moved to a later volume', STEADY_CLOCKS],
  [1021, 'a reaction stayed behind where its message no longer stood', STEADY_CLOCKS],
  [8, 'words in a task whose card had been refused waited for ever', STEADY_CLOCKS],
  [22, 'a denial that was on its way since before the card set aside the words in its task', STEADY_CLOCKS],
  [53, 'a tab called a task absent because another tab had sent the card', STEADY_CLOCKS],
  [200, 'of two read marks set apart the smaller could win', STEADY_CLOCKS],
  [76, 'an edit of a message from another device held up what was written after it', STEADY_CLOCKS],
  [5075, 'what was written while a document came afresh after a refusal waited for ever', STEADY_CLOCKS],
  [300_023, 'once the clock was set back, the server kept sockets of which nothing was heard any more'],
  [300_039, 'the same, with everything that was open on them'],
];

test.each(FOUND)('seed %i: %s', async (seed, _what, without = []) => {
  const problems: string[] = [];
  const { failures, runs } = await runAll([{ seed, devices: 5, operations: 200, without }], 1, (outcome) => {
    problems.push(...outcome.problems);
    return true;
  });
  expect(problems).toEqual([]);
  expect({ failures, runs }).toEqual({ failures: 0, runs: 1 });
});
