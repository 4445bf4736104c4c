/**
 * One kind of newline. A carriage return that no newline follows stays: it moves the cursor. The
 * look-behind keeps a long run of them linear.
 */
export function normaliseNewlines(text: string): string {
  return text.replace(/(?<!\r)\r+\n|[\u2028\u2029]/g, "\n");
}
