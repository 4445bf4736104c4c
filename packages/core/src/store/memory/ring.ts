/** A first-in-first-out queue in one array: both ends cost the same however long it is. */
export interface Ring<Item> {
  items: (Item | undefined)[];
  head: number;
  size: number;
}

export function ring<Item>(): Ring<Item> {
  return { items: [], head: 0, size: 0 };
}

export function pushRing<Item>(queue: Ring<Item>, item: Item): void {
  if (queue.size === queue.items.length) grow(queue);
  queue.items[(queue.head + queue.size) & (queue.items.length - 1)] = item;
  queue.size += 1;
}

export function peekRing<Item>(queue: Ring<Item>): Item | undefined {
  return queue.size === 0 ? undefined : queue.items[queue.head];
}

export function shiftRing<Item>(queue: Ring<Item>): Item | undefined {
  if (queue.size === 0) return undefined;
  const item = queue.items[queue.head];
  queue.items[queue.head] = undefined;
  queue.head = (queue.head + 1) & (queue.items.length - 1);
  queue.size -= 1;
  return item;
}

/** Keeps the items that pass, in their order, in an array of the size they need. */
export function filterRing<Item>(queue: Ring<Item>, keep: (item: Item) => boolean): void {
  const kept: Item[] = [];
  for (let index = 0; index < queue.size; index++) {
    const item = queue.items[(queue.head + index) & (queue.items.length - 1)] as Item;
    if (keep(item)) kept.push(item);
  }
  queue.items = [];
  queue.head = 0;
  queue.size = 0;
  for (const item of kept) pushRing(queue, item);
}

/** The length stays a power of two, so that a mask does the work of a remainder. */
function grow<Item>(queue: Ring<Item>): void {
  const { items, head, size } = queue;
  const grown: (Item | undefined)[] = items.slice(head).concat(items.slice(0, head));
  const length = Math.max(4, size * 2);
  while (grown.length < length) grown.push(undefined);
  queue.items = grown;
  queue.head = 0;
}
