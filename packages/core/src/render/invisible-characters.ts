/**
 * Removes what a reader cannot see: zero-width and bidirectional controls, tag characters, fillers,
 * stray variation selectors, and marks beyond four on one base. Joiners and selectors inside an
 * emoji stay. `invisible` counts the characters, and a pile of marks once.
 *
 * The characters are Unicode's Default_Ignorable_Code_Point, the interlinear annotations and the
 * joiners of hieroglyphs; the emoji sequences are those of UTS #51.
 */
export function removeInvisible(text: string): { text: string; invisible: number } {
  let invisible = 0;
  const visible = text
    .replace(emojiOrInvisible, (match: string, emoji: string | undefined) => {
      if (emoji !== undefined) return match;
      invisible += 1;
      return "";
    })
    .replace(/(\p{M}{4})\p{M}+/gu, (_match, marks: string) => {
      invisible += 1;
      return marks;
    });
  return { text: visible, invisible };
}

const emoji = String.raw`\p{Extended_Pictographic}[\ufe0e\ufe0f]?\p{Emoji_Modifier}?`;
const keycap = String.raw`[0-9#*]\ufe0f?\u20e3`;
/** The only flags spelt in tag characters that are in use: England, Scotland and Wales. */
const regions = ["gbeng", "gbsct", "gbwls"].map(tagCharacters).join("|");
const regionFlag = String.raw`\u{1f3f4}(?:${regions})\u{e007f}`;

const emojiOrInvisible = new RegExp(
  String.raw`(${regionFlag}|${keycap}|${emoji}(?:\u200d${emoji})*)|[\p{Default_Ignorable_Code_Point}\ufff9-\ufffb\u{13430}-\u{1343f}]`,
  "gu",
);

function tagCharacters(letters: string): string {
  return [...letters]
    .map((letter) => String.fromCodePoint(0xe0000 + letter.charCodeAt(0)))
    .join("");
}
