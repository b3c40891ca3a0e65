/** An address in text: where it ends, and what it leads to as it is written. Check its scheme before it is followed. */
export type Address = { to: number; text: string; href: string };

const ABSOLUTE = /<([a-z][a-z0-9+.-]{1,31}:[^\p{Cc} <>]*)>/iuy;
const MAIL =
  /<([a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*)>/iy;

/** `<https://…>`, any scheme, and `<name@example.org>`. */
export function autolinkAt(source: string, i: number): Address | null {
  const absolute = exec(ABSOLUTE, source, i);
  const text = (absolute ?? exec(MAIL, source, i))?.[1];
  if (text === undefined) return null;
  return { to: i + text.length + 2, text, href: absolute ? text : `mailto:${text}` };
}

/** White space, brackets of HTML, ticks, punctuation of scripts without spaces, and what turns the writing direction. */
const BARE =
  /(?:(?:https?|ftp):\/\/|mailto:|www\.)[^\s<>`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u3001-\u3002\u3008-\u3011\uff01\uff08\uff09\uff0c\uff1a\uff1b\uff1f]+/iy;

/** An address without marks around it, where a word begins; without the punctuation of the sentence it ends. */
export function bareAddressAt(source: string, i: number): Address | null {
  if (!'hfmwHFMW'.includes(source.charAt(i)) || /[A-Za-z0-9]/.test(source.charAt(i - 1))) return null;
  const found = exec(BARE, source, i)?.[0];
  if (found === undefined) return null;
  const text = withoutSentenceEnd(upToForeignBracket(found));
  if (exec(BARE, text, 0) === null) return null;
  return { to: i + text.length, text, href: /^www\./i.test(text) ? `https://${text}` : text };
}

/** A square bracket that the address does not open ends the text of a link. */
function upToForeignBracket(address: string): string {
  let open = 0;
  for (let i = 0; i < address.length; i++) {
    if (address[i] === '[') open++;
    else if (address[i] === ']' && --open < 0) return address.slice(0, i);
  }
  return address;
}

/** Punctuation at the end of an address belongs to the sentence, and so does a bracket that it does not open. */
function withoutSentenceEnd(address: string): string {
  let unopened = count(address, ')') - count(address, '(');
  let end = address.length;
  for (; end > 0; end--) {
    const last = address.charAt(end - 1);
    if (last === ')') {
      if (unopened <= 0) break;
      unopened--;
    } else if (!'.,;:!?\'"*~_'.includes(last)) break;
  }
  return address.slice(0, end);
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

function exec(pattern: RegExp, source: string, i: number): RegExpExecArray | null {
  pattern.lastIndex = i;
  return pattern.exec(source);
}
