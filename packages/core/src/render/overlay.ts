import { eraseLine, eraseToEnd } from "./escape-sequences.ts";

/**
 * Each line as a terminal would show it at the end: carriage return goes to its start, backspace
 * one cell back, and what comes then overwrites. Columns are code points; marks stay on the
 * character before them.
 */
export function overlayLines(text: string): string {
  if (!moves(text)) return text;
  return text
    .split("\n")
    .map((line) => (moves(line) ? draw(line) : line))
    .join("\n");
}

function moves(text: string): boolean {
  return (
    text.includes("\r") ||
    text.includes("\b") ||
    text.includes(eraseToEnd) ||
    text.includes(eraseLine)
  );
}

function draw(line: string): string {
  let cells: string[] = [];
  let column = 0;
  // Programs erase a whole line just before or just after they return to its start.
  let eraseOnReturn = false;
  for (const character of line) {
    switch (character) {
      case "\r":
        column = 0;
        if (eraseOnReturn) cells = [];
        eraseOnReturn = false;
        break;
      case "\b":
        column = Math.max(column - 1, 0);
        break;
      case eraseToEnd:
        cells.length = Math.min(cells.length, column);
        break;
      case eraseLine:
        if (column === 0) cells = [];
        else eraseOnReturn = true;
        break;
      default:
        eraseOnReturn = false;
        if (column > 0 && attaches.test(character)) {
          cells[column - 1] += character;
        } else {
          cells[column] = character;
          column += 1;
        }
    }
  }
  while (cells.at(-1) === " ") cells.pop();
  return cells.join("");
}

const attaches = /[\p{M}\p{Default_Ignorable_Code_Point}]/u;
