import { Writable } from "node:stream";

/**
 * As much of a terminal as the screen needs: it keeps the lines, and knows line ends, moving up, and
 * erasing to the end of a line and of the screen.
 *
 * Source: ECMA-48, CUU, EL and ED.
 */
export class Terminal extends Writable {
  readonly isTTY = true;
  columns: number;
  readonly lines: string[] = [""];
  #row = 0;
  #column = 0;

  constructor(columns: number) {
    super();
    this.columns = columns;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
    for (const [token, count, kind] of chunk.toString().matchAll(/\x1b\[\??(\d*)([A-Za-z])|./gsu)) {
      if (kind === undefined) this.#put(token);
      else if (kind === "A") this.#row -= Number(count || 1);
      else if (kind === "K") this.#setLine(this.#line.slice(0, this.#column));
      else if (kind === "J") {
        this.#setLine(this.#line.slice(0, this.#column));
        this.lines.length = this.#row + 1;
      }
    }
    done();
  }

  get #line(): string {
    return this.lines[this.#row] ?? "";
  }

  #setLine(text: string): void {
    this.lines[this.#row] = text;
  }

  #put(character: string): void {
    if (character === "\r") this.#column = 0;
    else if (character === "\n") {
      this.#row += 1;
      this.#column = 0;
      this.lines[this.#row] ??= "";
    } else {
      if (this.#column === this.columns) this.#put("\n");
      const line = this.#line.padEnd(this.#column);
      this.#setLine(line.slice(0, this.#column) + character + line.slice(this.#column + 1));
      this.#column += 1;
    }
  }
}
