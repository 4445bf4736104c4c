/** A text that is written as its words come, broken between words. */
export interface Paragraph {
  write(text: string): void;
  end(): void;
}

/**
 * @param write takes what goes to the output
 * @param columns how many characters a line has; `Infinity` breaks none
 * @param indent spaces in front of all lines but the first, which begins behind as many characters
 */
export function startParagraph(
  write: (text: string) => void,
  { columns, indent }: { readonly columns: number; readonly indent: number },
): Paragraph {
  let column = indent;
  /** Written once a word follows, so that no line ends with it. */
  let space = "";
  let word = "";

  function newLine(): void {
    write("\n");
    column = indent;
    space = " ".repeat(indent);
  }

  function endWord(): void {
    if (word === "") return;
    if (column > indent && column + space.length + word.length >= columns) newLine();
    if (column > indent) column += space.length;
    write(space + word);
    column += word.length;
    space = "";
    word = "";
  }

  return {
    write(text) {
      for (const [part] of text.matchAll(/\n|[^\S\n]+|\S+/g)) {
        if (part.trim() !== "") {
          word += part;
          continue;
        }
        endWord();
        if (part === "\n") newLine();
        // A line does not begin with a space.
        else if (column > indent) space = part;
      }
    },
    end() {
      endWord();
      write("\n");
    },
  };
}
