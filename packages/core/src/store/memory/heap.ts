/** A binary heap: what comes before all others is at the top. */
export interface Heap<Item> {
  readonly before: (first: Item, second: Item) => boolean;
  items: Item[];
}

export function heap<Item>(before: (first: Item, second: Item) => boolean): Heap<Item> {
  return { before, items: [] };
}

export function pushHeap<Item>({ items, before }: Heap<Item>, item: Item): void {
  let index = items.length;
  items.push(item);
  while (index > 0) {
    const parent = (index - 1) >>> 1;
    const above = items[parent] as Item;
    if (!before(item, above)) break;
    items[index] = above;
    index = parent;
  }
  items[index] = item;
}

export function popHeap<Item>({ items, before }: Heap<Item>): Item | undefined {
  const top = items[0];
  const last = items.pop();
  if (last === undefined || items.length === 0) return top;
  let index = 0;
  for (;;) {
    let child = index * 2 + 1;
    if (child >= items.length) break;
    const right = child + 1;
    if (right < items.length && before(items[right] as Item, items[child] as Item)) child = right;
    const below = items[child] as Item;
    if (!before(below, last)) break;
    items[index] = below;
    index = child;
  }
  items[index] = last;
  return top;
}

/** Keeps the items that pass. Linear in the size of the heap. */
export function filterHeap<Item>(queue: Heap<Item>, keep: (item: Item) => boolean): void {
  const kept = queue.items.filter(keep);
  queue.items = [];
  for (const item of kept) pushHeap(queue, item);
}
