const dashes = "-----";
const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
const end = /-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/y;
/** What a key is spelt in when its end is missing; the backslash is for newlines in JSON. */
const body = /[A-Za-z0-9+/=\s\\]*/y;

/**
 * Replaces PEM and PGP private keys, whole or without their end, which a cut may have taken. Each
 * search stops at the next five dashes, so that many beginnings cost no more than one.
 */
export function redactPrivateKeys(
  text: string,
  replacement: string,
): { text: string; redacted: number } {
  const kept: string[] = [];
  let redacted = 0;
  let from = 0;
  begin.lastIndex = 0;
  for (let match = begin.exec(text); match !== null; match = begin.exec(text)) {
    const start = begin.lastIndex;
    end.lastIndex = nextDashes(text, start);
    const stop = end.test(text) ? end.lastIndex : endOfBody(text, start);
    kept.push(text.slice(from, match.index), replacement);
    redacted += 1;
    from = stop;
    begin.lastIndex = stop;
  }
  return redacted === 0 ? { text, redacted } : { text: kept.join("") + text.slice(from), redacted };
}

function nextDashes(text: string, from: number): number {
  const at = text.indexOf(dashes, from);
  return at === -1 ? text.length : at;
}

function endOfBody(text: string, from: number): number {
  body.lastIndex = from;
  body.test(text);
  return body.lastIndex;
}
