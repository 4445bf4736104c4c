import type { Scanner } from "./scanner.ts";

const controls: Readonly<Record<string, number>> = { f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09, v: 0x0b };

/** What follows a backslash and stands for one character. */
export function parseCharacterEscape(scanner: Scanner): number {
  const hex = scanner.takeMatch(/x[0-9a-f]{2}|u[0-9a-f]{4}|u\{[0-9a-f]{1,6}\}/iy);
  if (hex !== "") {
    const codePoint = Number.parseInt(hex.replace(/[xu{}]/gi, ""), 16);
    if (codePoint > 0x10ffff) throw scanner.refuse(`has \\${hex}, which is no character`);
    return codePoint;
  }
  const character = scanner.next();
  if (character === "") throw scanner.refuse("ends in a backslash");
  if (character === "0" && !/\d/.test(scanner.peek())) return 0;
  if (/[1-9k]/.test(character)) {
    throw scanner.refuse("uses a backreference, which is not supported");
  }
  if (/[pP]/.test(character)) {
    throw scanner.refuse("uses a Unicode property, which is not supported");
  }
  const control = Object.hasOwn(controls, character) ? controls[character] : undefined;
  if (control !== undefined) return control;
  if (/[A-Za-z0-9]/.test(character)) {
    throw scanner.refuse(`uses \\${character}, which is not supported`);
  }
  return character.codePointAt(0) as number;
}
