import { describe, expect, it } from 'vitest';
import { parseDocName } from './names.ts';
import { holdsWords } from './words.ts';

const ID = 'a'.repeat(20);
const CASES: [name: string, root: string, key: string, holds: boolean][] = [
  [`room/${ID}/1`, 'm', `m/${ID}/${ID}`, true],
  [`room/${ID}/1`, 'm', `r/${ID}/${ID}/${ID}`, false],
  [`task/${ID}/1`, 'm', `m/${ID}/${ID}`, true],
  [`room/${ID}/1`, 'log', '1', false],
  [`room/${ID}/1`, 'mod', `${ID}/${ID}`, false],
  [`board/${ID}`, 'b', 'title', true],
  [`board/${ID}`, 'b', `card/${ID}/title`, true],
  [`board/${ID}`, 'b', `col/${ID}/title`, true],
  [`board/${ID}`, 'b', `card/${ID}/pos`, false],
  [`board/${ID}`, 'rooms', ID, true],
  [`board/${ID}`, 'people', ID, true],
  [`board/${ID}`, 'heads', `room/${ID}`, false],
  [`inbox/${ID}`, 'drafts', `room/${ID}`, true],
  [`inbox/${ID}`, 'n', '', true],
  [`inbox/${ID}`, 'ask', `board/${ID}`, true],
  [`inbox/${ID}`, 'read', `room/${ID}`, false],
  [`task/${ID}`, 'desc', '', true],
];

describe('words', () => {
  it.each(CASES)('[E1] %s %s %s: %s', (name, root, key, holds) => {
    const at = parseDocName(name);
    expect(at).not.toBeNull();
    expect(at !== null && holdsWords(at, root, key)).toBe(holds);
  });
});
