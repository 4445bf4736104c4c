export type Unit = "per second" | "bytes" | "MB" | "s" | "ms" | "µs" | "ns" | "";

/** A value as the table shows it: three significant digits, which is more than noise leaves. */
export function format(value: number, unit: Unit): string {
  const text = rounded(value);
  if (unit === "") return text;
  return unit === "per second" ? `${text}/s` : `${text} ${unit}`;
}

export function rounded(value: number): string {
  if (value === 0) return "0";
  const decimals = Math.max(2 - Math.floor(Math.log10(Math.abs(value))), 0);
  const short = decimals === 0 ? Number(value.toPrecision(3)) : value;
  return short.toLocaleString("en", { maximumFractionDigits: Math.min(decimals, 4) });
}
