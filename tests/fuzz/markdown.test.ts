import { expect, test } from 'vitest';
import { MESSAGE_TEXT } from '../../src/lib/model/limits.ts';
import { MAX_DEPTH } from '../../src/lib/model/markdown-blocks.ts';
import { readMarkdown } from '../../src/lib/model/markdown.ts';
import { mentionsIn } from '../../src/lib/model/mentions.ts';
import { seeded } from '../../src/lib/model/testing.ts';
import { anyText, longText } from './markdown-texts.ts';
import { beyondYardstick, readingOf, yardstickReading } from './markdown-yardstick.ts';

const SEED = Number(process.env.SEED ?? 41);
const RUNS = Number(process.env.RUNS ?? 20_000);

/** Whom the server tells, as tokens. */
function told(source: string): string[] {
  const { users, groups } = mentionsIn(source);
  return [...[...users].map((id) => `<@${id}>`), ...[...groups].map((group) => `<@!${group}>`)].sort();
}

const distinct = (tokens: readonly string[]): string[] => [...new Set(tokens)].sort();

test(`[F1][M3][M4] ${RUNS} texts from seed ${SEED}: whom the server tells, the page shows, and markdown-it finds`, () => {
  const random = seeded(SEED);
  let compared = 0;
  let mentioning = 0;
  let hiding = 0;
  for (let run = 0; compared < RUNS; run++) {
    const source = anyText(random);
    const where = `seed ${SEED}, run ${run}: ${JSON.stringify(source)}`;
    const notified = told(source);
    const ours = readingOf(readMarkdown(source));
    expect(distinct(ours.mentions), where).toEqual(notified);
    const theirs = yardstickReading(source);
    if (theirs.depth > MAX_DEPTH || beyondYardstick(source)) continue;
    expect(ours.lines, where).toEqual(theirs.lines);
    expect(distinct(theirs.mentions), where).toEqual(notified);
    compared++;
    if (notified.length > 0) mentioning++;
    if (distinct(source.match(/<@(?:!room|[0-9a-z]{16,24})>/g) ?? []).length > notified.length) hiding++;
  }
  // The texts are worth something only while many mention, and many hide a mention.
  expect(mentioning).toBeGreaterThan(RUNS / 4);
  expect(hiding).toBeGreaterThan(RUNS / 50);
});

test(`[F1] texts as long as a message may be, from seed ${SEED}: whom the server tells, the page shows`, () => {
  const random = seeded(SEED);
  for (let run = 0; run < RUNS / 100; run++) {
    const source = longText(random, MESSAGE_TEXT);
    expect(distinct(readingOf(readMarkdown(source)).mentions), `run ${run}`).toEqual(told(source));
  }
});
