/**
 * A text as one word of visible ASCII, exact: different texts give different words, and none can
 * pass for the end of its word. Plain words stay as they are, others stand between `'…'` as for a
 * shell; with a quote, a backslash or anything but visible ASCII it is `$'…'`, in which `\\` and
 * `\'` stand for themselves and `\u{…}` for a character.
 */
export function visibleWord(text: string, plain: RegExp = plainWord): string {
  if (plain.test(text)) return text;
  if (/^[\x20-\x7e]*$/.test(text) && !/['\\]/.test(text)) return `'${text}'`;
  const escaped = text.replace(/['\\]|[^\x20-\x7e]/gu, (character) =>
    character === "'" || character === "\\"
      ? `\\${character}`
      : `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
  return `$'${escaped}'`;
}

const plainWord = /^[\w@%+=:./-]+$/;
