/**
 * Makes the list of emoji that the picker shows, from the package `emoji-picker-element-data` (emojibase's data, MIT):
 * `npm pack emoji-picker-element-data@1.8.0`, unpack, `node scripts/emoji-data.ts package/en/emojibase/data.json`.
 * Run it for a new version of Unicode. Keeps what is searched and shown, a third of the size.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { inTone, TONES } from '../src/lib/model/emoji.ts';

type Source = {
  emoji: string;
  annotation: string;
  shortcodes: string[];
  tags?: string[];
  group: number;
  skins?: { emoji: string; tone: number | number[] }[];
};

const TAGS = 6;
const TARGET = fileURLToPath(new URL('../src/lib/features/conversation/emoji-data.json', import.meta.url));
const [, , from] = process.argv;
if (from === undefined) throw new Error('Name the data.json to read.');

const rows = (JSON.parse(readFileSync(from, 'utf8')) as Source[])
  // The parts that others are made of.
  .filter(({ group }) => group !== 2)
  .map(({ emoji, annotation, shortcodes, tags = [], group, skins = [] }) => {
    // What is an emoji without being told so is written without it: one reaction, not two that look alike.
    const plain = /^\p{Emoji_Presentation}\ufe0f$/u.test(emoji) ? emoji.slice(0, -1) : emoji;
    const single = skins.filter((skin): skin is { emoji: string; tone: number } => typeof skin.tone === 'number');
    const toned =
      single.length === TONES.length &&
      single.every((skin) => skin.emoji === inTone(plain, TONES[skin.tone - 1] ?? ''));
    const said = new Set(`${annotation} ${shortcodes.join(' ')}`.toLowerCase().split(/[ _]/));
    const more = tags.filter((tag) => !said.has(tag)).slice(0, TAGS);
    return [plain, annotation, shortcodes.join(' '), more.join(' '), group, toned ? 1 : 0];
  });
writeFileSync(TARGET, `[\n${rows.map((row) => JSON.stringify(row)).join(',\n')}\n]\n`);
