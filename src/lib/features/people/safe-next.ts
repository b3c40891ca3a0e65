/**
 * The address as path, query and fragment when it is a page of this app; null for anything else. A link to the sign-in
 * page comes from anywhere: it must not lead to another site, nor to an address that runs a script.
 */
export function safeNext(next: string | null, base: string, origin: string): string | null {
  if (!next?.startsWith('/')) return null;
  const resolved = URL.parse(next, origin);
  if (resolved?.origin !== origin || !resolved.pathname.startsWith(`${base}/`)) return null;
  // '/.//elsewhere' resolves to a path that the next reader takes for a host.
  if (resolved.pathname.startsWith('//')) return null;
  return resolved.pathname + resolved.search + resolved.hash;
}
