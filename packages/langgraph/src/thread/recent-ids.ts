/** A set of the newest ids. */
export interface RecentIds {
  add(id: string): void;
  has(id: string): boolean;
}

export function recentIds(most: number): RecentIds {
  const ids = new Set<string>();
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.delete(id);
      ids.add(id);
      const [oldest] = ids;
      if (ids.size > most && oldest !== undefined) ids.delete(oldest);
    },
  };
}
