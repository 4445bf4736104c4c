/** Breaks a text into lines of at most so many characters: between words, or inside one too long. */
export function wrap(text: string, columns: number): string[] {
  return text.split("\n").flatMap((line) => wrapLine(line, Math.max(columns, 1)));
}

function wrapLine(line: string, columns: number): string[] {
  const lines = [""];
  for (const word of line.split(" ").flatMap((each) => pieces(each, columns))) {
    const last = lines.at(-1) ?? "";
    const longer = last === "" ? word : `${last} ${word}`;
    if (longer.length <= columns) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines;
}

function pieces(word: string, columns: number): string[] {
  const count = Math.max(1, Math.ceil(word.length / columns));
  return Array.from({ length: count }, (_, index) =>
    word.slice(index * columns, (index + 1) * columns),
  );
}
