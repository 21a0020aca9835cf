/** Items by the series of their request that they belong to, in the order in which they came; undefined without any. */
export function bySeries<Item extends { readonly seriesIndex: number }>(
  items: readonly Item[],
): ReadonlyMap<number, readonly Item[]> | undefined {
  if (items.length === 0) return undefined;
  const found = new Map<number, Item[]>();
  for (const item of items) {
    const known = found.get(item.seriesIndex);
    if (known) known.push(item);
    else found.set(item.seriesIndex, [item]);
  }
  return found;
}
