/** The value below which the given share (0 to 1) of the samples lies. Sorts a copy. */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error("There are no samples.");
  const sorted = [...samples].sort((left, right) => left - right);
  const place = Math.min(Math.floor(sorted.length * share), sorted.length - 1);
  return sorted[place] as number;
}

export function median(samples: readonly number[]): number {
  return quantile(samples, 0.5);
}
