/** Characters that are read as `<`. */
export const openingBrackets =
  "<\uff1c\ufe64\u226e\u2039\u2329\u3008\u27e8\u276c\u276e\u2770\u02c2\u1438";
/** Characters that are read as `>`. */
export const closingBrackets =
  ">\uff1e\ufe65\u226f\u203a\u232a\u3009\u27e9\u276d\u276f\u2771\u02c3\u1433";

/** One character of a text as a reader takes it. */
export interface Glyph {
  /** Lower case; "" for a mark that only decorates the character before. */
  readonly folded: string;
  /** UTF-16 units that it takes in the text; 0 past its end. */
  readonly width: number;
}

const end: Glyph = { folded: "", width: 0 };

/**
 * The character at an index with its look-alikes folded to ASCII: full-width and mathematical
 * letters by Unicode's compatibility decomposition, Cyrillic and Greek ones by a small table in the
 * spirit of UTS #39's confusables.
 */
export function glyphAt(text: string, index: number): Glyph {
  const code = text.codePointAt(index);
  if (code === undefined) return end;
  if (code < 0x80) return { folded: String.fromCharCode(code).toLowerCase(), width: 1 };
  const character = String.fromCodePoint(code);
  const base = String.fromCodePoint(character.normalize("NFKD").codePointAt(0) ?? code);
  if (mark.test(base)) return { folded: "", width: character.length };
  const lower = base.toLowerCase();
  return { folded: capitals[base] ?? confusables[lower] ?? lower, width: character.length };
}

/**
 * Whether folded text reads as one of the words, hyphens aside. Letters of other scripts, of which
 * no table knows all look-alikes, and digits may stand for any letter, as long as most are known.
 */
export function readsAs(folded: string, words: ReadonlySet<string>): boolean {
  const letters = folded.replaceAll("-", "").replace(/[^a-z]/gu, "?");
  if (words.has(letters)) return true;
  const unknown = letters.split("?").length - 1;
  if (unknown === 0 || unknown * 2 > letters.length) return false;
  for (const word of words) {
    if (word.length === letters.length && matches(letters, word)) return true;
  }
  return false;
}

function matches(letters: string, word: string): boolean {
  for (let at = 0; at < word.length; at += 1) {
    if (letters[at] !== word[at] && letters[at] !== "?") return false;
  }
  return true;
}

const mark = /\p{M}/u;

/** Capitals that are read otherwise than their small letters. */
const capitals: Readonly<Record<string, string>> = Object.assign(Object.create(null), {
  "\u0397": "h",
  "\u039d": "n",
  "\u03a5": "y",
});

const smallCapitals =
  "\u1d00\u0299\u1d04\u1d05\u1d07\ua730\u0262\u029c\u026a\u1d0a\u1d0b\u029f\u1d0d\u0274\u1d0f\u1d18\u0280\ua731\u1d1b\u1d1c\u1d20\u1d21\u028f\u1d22";
const cherokee =
  "\u13aa\u13f4\u13df\u13a0\u13ac\u13c0\u13bb\u13c6\u13ab\u13e6\u13de\u13b7\u13e2\u13a1\u13da\u13a2\u13d9\u13b3\u13c3";

const lisu =
  "\ua4ee\ua4d0\ua4da\ua4d3\ua4f0\ua4dd\ua4d6\ua4e7\ua4f2\ua4d9\ua4d7\ua4e1\ua4df\ua4e0\ua4f3\ua4d1\ua4e3\ua4e2\ua4d4\ua4f4\ua4e6\ua4ea\ua4eb\ua4ec\ua4dc";

/** Each letter with the one that is read as it. */
function pairs(plain: string, others: string): string[][] {
  return [...plain].map((letter, index) => [letter, [...others][index] as string]);
}

const confusables: Readonly<Record<string, string>> = Object.assign(
  Object.create(null),
  Object.fromEntries(
    [
      ["a", "\u0430\u03b1\u0251"],
      ["b", "\u0432\u03b2"],
      ["c", "\u0441\u03f2"],
      ["d", "\u0501"],
      ["e", "\u0435\u0454\u03b5"],
      ["g", "\u0261"],
      ["h", "\u04bb\u043d"],
      ["i", "\u0456\u03b9\u0131"],
      ["j", "\u0458"],
      ["k", "\u043a\u03ba"],
      ["l", "\u04cf"],
      ["m", "\u043c\u03bc"],
      ["n", "\u0578\u03b7"],
      ["o", "\u043e\u03bf\u0585"],
      ["p", "\u0440\u03c1"],
      ["r", "\u0433"],
      ["s", "\u0455"],
      ["t", "\u0442\u03c4"],
      ["u", "\u057d\u03c5"],
      ["v", "\u03bd\u0475"],
      ["x", "\u0445\u03c7"],
      ["y", "\u0443\u03b3"],
      ["-", "\u2581\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u2043"],
      ["/", "\u2044\u2215\u29f8\u2571"],
      [":", "\ua789\u2236\u02d0\u05c3"],
      ["|", "\u2223\u01c0\u2502"],
      ["<", openingBrackets.slice(1)],
      [">", closingBrackets.slice(1)],
      ...pairs("abcdefghijklmnoprstuvwyz", smallCapitals),
      ...pairs("abcdeghijklmprstvwz", cherokee),
      ...pairs("abcdefghijklmnoprstuvwxyz", lisu),
    ].flatMap(([plain, others]) =>
      [...(others ?? "")].map((other) => [other.toLowerCase(), plain]),
    ),
  ),
);
