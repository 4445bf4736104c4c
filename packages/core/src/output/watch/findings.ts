/** Lines that matched and were not told yet. */
export interface Findings {
  readonly count: number;
  /** How many of them are only counted. */
  readonly unshown: number;
  /** When the first was found, on the monotonic clock. */
  readonly since: number;
  /** A byte of the output from which on those that are only counted can be read. */
  readonly unshownFrom: number;
  /** The lines that are shown, and how many more there are. */
  readonly text: string;
  /** `end` is the index behind the match in the line. */
  add(line: string, end: number, found: { readonly at: number; readonly byte: number }): void;
}

const mostLines = 10;
const mostChars = 3_000;
const excerptChars = 300;
/** Of an excerpt, what stands before the end of the match. */
const beforeChars = 200;

export function createFindings(): Findings {
  const shown: string[] = [];
  let chars = 0;
  let unshown = 0;
  let since = 0;
  let unshownFrom = 0;
  return {
    get count() {
      return shown.length + unshown;
    },
    get unshown() {
      return unshown;
    },
    get since() {
      return since;
    },
    get unshownFrom() {
      return unshownFrom;
    },
    get text() {
      return unshown === 0 ? shown.join("\n") : `${shown.join("\n")}\n(${more(unshown)})`;
    },
    add(line, end, { at, byte }) {
      if (shown.length === 0) since = at;
      const excerpt = excerptOf(line, end);
      if (shown.length < mostLines && chars + excerpt.length <= mostChars) {
        shown.push(excerpt);
        chars += excerpt.length;
      } else {
        if (unshown === 0) unshownFrom = byte;
        unshown += 1;
      }
    },
  };
}

function more(count: number): string {
  return count === 1 ? "1 more line matches" : `${count} more lines match`;
}

/** The match and what stands around it. */
function excerptOf(line: string, end: number): string {
  if (line.length <= excerptChars) return line;
  const start = Math.max(Math.min(end - beforeChars, line.length - excerptChars), 0);
  const stop = start + excerptChars;
  const piece = line.slice(start, stop).replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
  return `${start > 0 ? "…" : ""}${piece}${stop < line.length ? "…" : ""}`;
}
