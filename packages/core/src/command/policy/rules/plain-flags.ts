/** Flags without a value, from their spellings with spaces between them. */
export function plain(spellings: string): Readonly<Record<string, "none">> {
  return Object.fromEntries(spellings.split(" ").map((flag) => [flag, "none"] as const));
}
