import { cutMiddle } from "./cut.ts";

const keptChars = 2_000;
/** A line with its mark is no longer than this, so a second rendering leaves it alone. */
const longestLine = keptChars + 40;

/** Cuts the middle out of lines beyond 2,040 characters: 2,000 stay, with a mark between them. */
export function cutLongLines(text: string): string {
  if (text.length <= longestLine) return text;
  return text
    .split("\n")
    .map((line) =>
      line.length <= longestLine
        ? line
        : cutMiddle(
            line,
            { head: keptChars / 2, tail: keptChars / 2 },
            (omitted) => ` […${omitted} chars cut…] `,
          ),
    )
    .join("\n");
}
