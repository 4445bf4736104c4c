import { incompleteBytes } from "../utf8-borders.ts";

/** Where the bytes come from. */
export interface ByteSource {
  read(after: number, maxBytes: number): Promise<Buffer>;
}

/** Some lines of the output, without the last newline. */
export interface Lines {
  readonly text: string;
  /** The byte at which they begin. */
  readonly start: number;
  /** The last line of the output, which may still grow. It is read again unless it is skipped. */
  readonly unfinished: boolean;
}

/** Goes through an output of any size, line by line, and holds a bounded piece of it at a time. */
export interface LineReader {
  /** The byte that is read next. */
  readonly after: number;
  /** The next lines; undefined when there are none yet. `rest` asks for an unfinished one too. */
  next(options: { readonly rest: boolean }): Promise<Lines | undefined>;
  /** Passes over the rest of the line that was given unfinished. */
  skipLine(): void;
}

/** Bytes that are read at a time; of a longer line only so many are given. */
export const longestLine = 32_768;
const newline = 0x0a;

export function createLineReader(source: ByteSource, from: number): LineReader {
  let after = from;
  let given = from;
  /** Whether `after` is inside a line that was given before; undefined where that must be seen. */
  let inside: boolean | undefined = from === 0 ? false : undefined;

  async function next({ rest }: { readonly rest: boolean }): Promise<Lines | undefined> {
    inside ??= (await source.read(after - 1, 1))[0] !== newline;
    for (;;) {
      const read = await source.read(after, longestLine);
      if (read.length === 0) return undefined;
      const skipped = inside ? read.indexOf(newline) + 1 : 0;
      if (inside && skipped === 0) {
        after += read.length;
        continue;
      }
      inside = false;
      after += skipped;
      const bytes = read.subarray(skipped);
      const end = bytes.lastIndexOf(newline);
      const start = after;
      if (end !== -1) {
        after += end + 1;
        return { text: bytes.toString("utf8", 0, end), start, unfinished: false };
      }
      if (bytes.length === longestLine) {
        after += bytes.length;
        inside = true;
        return { text: wholeCharacters(bytes), start, unfinished: false };
      }
      if (read.length === longestLine) continue;
      if (!rest || bytes.length === 0) return undefined;
      given = after + bytes.length;
      return { text: wholeCharacters(bytes), start, unfinished: true };
    }
  }

  return {
    get after() {
      return after;
    },
    next,
    skipLine() {
      after = given;
      inside = true;
    },
  };
}

function wholeCharacters(bytes: Buffer): string {
  return bytes.toString("utf8", 0, bytes.length - incompleteBytes(bytes));
}
