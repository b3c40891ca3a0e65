/** A link that may be followed. */
export type WebLink = {
  href: string;
  /** Where it really leads, when its words may say something else; null when they do not. */
  leadsTo: string | null;
};

const FOLLOWED = new Set(['https:', 'http:', 'mailto:']);

/** Only pages of the web and addresses of mail are followed: never `javascript:`, `data:`, a file or another program. */
export function webLink(href: string, words: string): WebLink | null {
  const url = parse(href);
  if (url === null || !FOLLOWED.has(url.protocol)) return null;
  const target = url.protocol === 'mailto:' ? url.pathname : url.host;
  return { href: url.href, leadsTo: looksLikeAddress(words) && !names(words, target) ? target : null };
}

function parse(address: string): URL | null {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/** Something with a dot in it that could be a host, or a scheme. The dots of other scripts count in addresses too. */
function looksLikeAddress(words: string): boolean {
  return /[\p{L}\p{N}-][.。．｡][\p{L}-]{2,}|:\/\//u.test(words);
}

/** True when the words are the very address that the link leads to, with its host letter by letter. */
function names(words: string, target: string): boolean {
  const said = words.trim().toLowerCase();
  const address = said.replace(/^(?:https?:\/\/|mailto:)/, '');
  // Letters of other scripts may look like Latin ones, and what stands before an @ like a host.
  return (
    /^\S+$/.test(said) && address.startsWith(target.toLowerCase()) && /^(?:[/?#]|$)/.test(address.slice(target.length))
  );
}
