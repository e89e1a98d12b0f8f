/** Items by what `keyOf` says of them, in their order. */
export function grouped<Item, Group>(
  items: Iterable<Item>,
  keyOf: (item: Item) => Group,
): Map<Group, Item[]> {
  const groups = new Map<Group, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
