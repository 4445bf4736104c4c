/** Left in place of "erase to the end of the line": the overlay draws it, nothing else may see it. */
export const eraseToEnd = "\x1b";
/** Left in place of "erase the whole line". */
export const eraseLine = "\x9b";

const bell = 0x07;
const cancel = 0x18;
const substitute = 0x1a;
const escapeCharacter = 0x1b;
const controlSequence = 0x9b;
const operatingSystemCommand = 0x9d;
const stringTerminator = 0x9c;

/**
 * Removes terminal control sequences in their 7-bit and 8-bit forms (ECMA-48 and xterm's
 * ctlseqs): CSI, OSC, DCS, APC, PM, SOS and the short escapes, finished or not. No escape
 * character survives but the two marks above. Every character is looked at a bounded number of
 * times.
 */
export function stripEscapeSequences(text: string): { text: string; stripped: number } {
  const endOfString = stringScanner(text);
  const kept: string[] = [];
  let stripped = 0;
  let from = 0;
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code !== escapeCharacter && !(code in eightBit)) {
      at += 1;
      continue;
    }
    const kind = code === escapeCharacter ? sevenBit[text[at + 1] ?? ""] : eightBit[code];
    const body = at + (code === escapeCharacter && kind !== undefined ? 2 : 1);
    const end =
      kind === undefined
        ? endOfMatch(shortEscape, text, body)
        : kind === controlSequence
          ? endOfMatch(controlSequenceBody, text, body)
          : endOfString(body, kind);
    kept.push(text.slice(from, at));
    if (kind === controlSequence) kept.push(eraseMarks[text.slice(body, end)] ?? "");
    stripped += 1;
    from = end;
    at = end;
  }
  return stripped === 0 ? { text, stripped } : { text: kept.join("") + text.slice(from), stripped };
}

/** What follows an escape character, and the 8-bit control that it stands for. */
const sevenBit: Readonly<Record<string, number>> = Object.assign(Object.create(null), {
  P: 0x90,
  X: 0x98,
  "[": controlSequence,
  "]": operatingSystemCommand,
  "^": 0x9e,
  _: 0x9f,
});

const eightBit: Readonly<Record<number, number>> = Object.assign(Object.create(null), {
  144: 0x90,
  152: 0x98,
  155: controlSequence,
  157: operatingSystemCommand,
  158: 0x9e,
  159: 0x9f,
});

const eraseMarks: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  K: eraseToEnd,
  "0K": eraseToEnd,
  "2K": eraseLine,
});

/** Parameters, intermediates and the final byte, as far as they are there. */
const controlSequenceBody = /[0-?]*[ -/]*[@-~]?/y;
const shortEscape = /[ -/]*[0-~]?/y;

function endOfMatch(pattern: RegExp, text: string, from: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return Math.max(pattern.lastIndex, from);
}

/**
 * Finds where a control string ends: behind its terminator, or, when something else cuts it off,
 * at the next newline at the latest, so that an unfinished one hides one line and no more. An OSC
 * never goes past a newline; images in DCS and APC do. The place of the next terminator is
 * remembered, so that a million unfinished strings search the text once.
 */
function stringScanner(text: string): (body: number, kind: number) => number {
  let terminator = -1;
  return (body, kind) => {
    if (terminator < body) {
      terminator = body;
      while (terminator < text.length && !endsString(text.charCodeAt(terminator))) terminator += 1;
    }
    const code = text.charCodeAt(terminator);
    const length =
      code === bell || code === stringTerminator
        ? 1
        : code === escapeCharacter && text[terminator + 1] === "\\"
          ? 2
          : 0;
    if (length > 0 && kind !== operatingSystemCommand) return terminator + length;
    let end = body;
    while (end < terminator && text[end] !== "\n") end += 1;
    return end === terminator ? end + length : end;
  };
}

function endsString(code: number): boolean {
  return (
    code === bell ||
    code === escapeCharacter ||
    code === cancel ||
    code === substitute ||
    code === stringTerminator
  );
}
