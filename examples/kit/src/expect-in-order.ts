/** Throws unless the text has all of these, one behind the other. */
export function expectInOrder(text: string, points: readonly (string | RegExp)[]): void {
  let rest = text;
  for (const point of points) {
    const found = typeof point === "string" ? rest.indexOf(point) : rest.search(point);
    if (found === -1) throw new Error(`${point} is missing, or not in its order, in:\n${text}`);
    rest = rest.slice(found + 1);
  }
}
