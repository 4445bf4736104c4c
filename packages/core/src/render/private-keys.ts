/** Five, but four and a blank in those of SSH2 (RFC 4716). */
const dashes = "----";
const begin = /-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g;
const end = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/y;
const anyEnd = /-{4,5} ?END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}/g;
/** What a key is spelt in when its end is missing; the backslash is for newlines in JSON. */
const body = /[A-Za-z0-9+/=\s\\]*/y;
/** A line of a key: what it is spelt in, or one of the headers above that. */
const bodyLine =
  /^\s*(?:[A-Za-z0-9+/=\\]+\s*|(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset): .*|)$/;
/** What a log may put before each line. */
const longestPrefix = 100;

/**
 * Replaces PEM and PGP private keys, whole or without their end or beginning, which a cut may have
 * taken. Each search stops at the next dashes, so that many beginnings cost no more than one.
 */
export function redactPrivateKeys(
  text: string,
  replacement: string,
): { text: string; redacted: number } {
  if (!text.includes("PRIVATE KEY")) return { text, redacted: 0 };
  const kept: string[] = [];
  let redacted = 0;
  let from = 0;
  begin.lastIndex = 0;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const start = begin.lastIndex;
    end.lastIndex = nextDashes(text, start);
    const stop = end.test(text)
      ? end.lastIndex
      : endOfBody(text, start, prefixOf(text, match.index));
    kept.push(text.slice(from, match.index), replacement);
    redacted += 1;
    from = stop;
    begin.lastIndex = stop;
  }
  const rest = redacted === 0 ? text : kept.join("") + text.slice(from);
  const headless = redactHeadless(rest, replacement);
  return { text: headless.text, redacted: redacted + headless.redacted };
}

function nextDashes(text: string, from: number): number {
  const at = text.indexOf(dashes, from);
  return at === -1 ? text.length : at;
}

/** What stands on the line before the key. */
function prefixOf(text: string, at: number): string {
  const prefix = text.slice(Math.max(at - longestPrefix, 0), at);
  return prefix.slice(prefix.lastIndexOf("\n") + 1);
}

function endOfBody(text: string, from: number, prefix: string): number {
  body.lastIndex = from;
  body.test(text);
  let stop = body.lastIndex;
  // Behind a prefix each line is looked at for itself, and so are headers.
  for (let line = lineBehind(text, from); line < text.length; line = lineBehind(text, line)) {
    const next = lineBehind(text, line);
    const content = text.slice(line, next);
    if (!content.startsWith(prefix) || !bodyLine.test(content.slice(prefix.length).trimEnd()))
      break;
    stop = Math.max(stop, next);
  }
  return stop;
}

function lineBehind(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  return newline === -1 ? text.length : newline + 1;
}

/** Ends without a beginning: the lines above them, as far as they may be of the key. */
function redactHeadless(text: string, replacement: string): { text: string; redacted: number } {
  let redacted = 0;
  let from = 0;
  const kept: string[] = [];
  anyEnd.lastIndex = 0;
  for (let match = anyEnd.exec(text); match !== null; match = anyEnd.exec(text)) {
    const prefix = prefixOf(text, match.index);
    let start = match.index - prefix.length;
    while (start > from) {
      const line = text.lastIndexOf("\n", start - 2) + 1;
      const content = text.slice(Math.max(line, from), start - 1);
      const own = content.startsWith(prefix) ? content.slice(prefix.length) : content;
      if (own.trim() === "" || !bodyLine.test(own)) break;
      start = Math.max(line, from);
    }
    kept.push(text.slice(from, start), replacement);
    redacted += 1;
    from = anyEnd.lastIndex;
  }
  return redacted === 0 ? { text, redacted } : { text: kept.join("") + text.slice(from), redacted };
}
