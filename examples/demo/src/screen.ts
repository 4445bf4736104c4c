import { stripVTControlCharacters } from "node:util";

export interface Screen extends Disposable {
  /** False where there is no terminal: only what is printed appears then. */
  readonly isLive: boolean;
  /** Characters in a line. */
  readonly columns: number;
  /** Writes lines above the rows. */
  print(text: string): void;
  /** Draws these rows at the bottom, again and again, until they are replaced. */
  show(rows: () => readonly string[]): void;
  /** Removes the rows, or lets them stand as they are. */
  end(rows: "remove" | "leave"): void;
}

const frameMs = 80;
const hideCursor = "\x1b[?25l";
const showCursor = "\x1b[?25h";
// Terminals that know these two draw a frame only once it is whole; the others ignore them.
const beginFrame = "\x1b[?2026h";
const endFrame = "\x1b[?2026l";

/** Lines that scroll, above rows that are drawn in place. */
export function openScreen(output: NodeJS.WriteStream): Screen {
  if (!output.isTTY || process.env["TERM"] === "dumb") return plainScreen(output);
  let rows: () => readonly string[] = () => [];
  let drawn: readonly string[] = [];

  function frame(above: readonly string[]): void {
    const next = rows().map((row) => cut(row, output.columns - 1));
    // A row that was drawn on a wider terminal takes several of its lines now.
    const height = drawn.reduce((sum, row) => sum + linesOf(row, output.columns), 0);
    const up = height > 0 ? `\x1b[${height}A` : "";
    const lines = [...above, ...next].map((line) => `${line}\x1b[K\n`);
    const isSame = above.length === 0 && next.join() === drawn.join();
    if (!isSame) output.write(`${beginFrame}${up}\r${lines.join("")}\x1b[J${endFrame}`);
    drawn = next;
  }

  const timer = setInterval(() => frame([]), frameMs);
  // Also when something throws: a terminal without a cursor is a nuisance.
  const restore = (): void => void output.write(showCursor);
  process.once("exit", restore);
  output.write(hideCursor);
  return {
    isLive: true,
    get columns() {
      return output.columns;
    },
    print: (text) => frame(text.split("\n")),
    show(next) {
      rows = next;
      frame([]);
    },
    end(what) {
      rows = () => [];
      if (what === "leave") drawn = [];
      frame([]);
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      process.off("exit", restore);
      restore();
    },
  };
}

function plainScreen(output: NodeJS.WriteStream): Screen {
  return {
    isLive: false,
    columns: 80,
    print: (text) => void output.write(`${text}\n`),
    show: () => {},
    end: () => {},
    [Symbol.dispose]: () => {},
  };
}

/** Rows are plain text up to a final colour, so cutting loses nothing but the end. */
function cut(row: string, columns: number): string {
  const plain = stripVTControlCharacters(row);
  return plain.length <= columns ? row : plain.slice(0, columns);
}

function linesOf(row: string, columns: number): number {
  return Math.max(1, Math.ceil(stripVTControlCharacters(row).length / columns));
}
