/** `?cursor=&limit=` as the routes receive it. */
export interface PageQuery {
  cursor?: string | undefined;
  limit: number;
}

export interface Page<T> {
  items: T[];
  /** The cursor of the next page; null on the last one. */
  next: string | null;
}

/**
 * A page of a list that is at hand, in the order of its keys. The cursor is the key of the last one seen, so that
 * nothing is skipped or shown twice when the list changes between two pages, also when that one is gone.
 */
export function pageAfter<T>(list: readonly T[], keyOf: (item: T) => string, { cursor, limit }: PageQuery): Page<T> {
  const sorted = list
    .map((item) => ({ key: keyOf(item), item }))
    .filter(({ key }) => cursor === undefined || key > cursor)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const items = sorted.slice(0, limit);
  return {
    items: items.map(({ item }) => item),
    next: sorted.length > limit ? (items.at(-1)?.key ?? null) : null,
  };
}
