/** Twelve hues that stay apart from each other; lightness and chroma are fixed where they are used. */
const HUES = [18, 48, 78, 108, 138, 165, 195, 225, 255, 285, 315, 345];

/** The hue of an id: always the same for the same id, on every device. */
export function hueOf(id: string): number {
  let hash = 2166136261;
  for (let index = 0; index < id.length; index++) hash = Math.imul(hash ^ id.charCodeAt(index), 16777619);
  return HUES[(hash >>> 0) % HUES.length] ?? 0;
}

/** One or two letters that stand for a name: of the first and the last word; '?' when there is none. */
export function initialsOf(name: string): string {
  const words = name
    .trim()
    .split(/[\s_.-]+/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word));
  const letter = (word: string | undefined) => word?.match(/[\p{L}\p{N}]/u)?.[0]?.toLocaleUpperCase() ?? '';
  const initials = letter(words[0]) + (words.length > 1 ? letter(words.at(-1)) : '');
  return initials || '?';
}
