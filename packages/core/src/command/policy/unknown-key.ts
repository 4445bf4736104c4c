/** The first field of an object that is not among the names: most likely a slip of the pen. */
export function unknownKey(value: object, names: readonly string[]): string | undefined {
  return Object.keys(value).find((key) => !names.includes(key));
}
