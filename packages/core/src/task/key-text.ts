/**
 * Whether a value can be an id or key that is compared in every store: a text that is not empty,
 * not long, and that storing as UTF-8 leaves as it is, so that no two become one.
 */
export function isKeyText(value: unknown, mostCharacters: number): value is string {
  return (
    typeof value === "string" &&
    value !== "" &&
    value.length <= mostCharacters &&
    !value.includes("\0") &&
    value.isWellFormed()
  );
}
