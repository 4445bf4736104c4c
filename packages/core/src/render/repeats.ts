/** Collapses runs of one line, where that makes the text shorter, and says how long they were. */
export function collapseRepeats(text: string): string {
  const lines = text.split("\n");
  const kept: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] as string;
    let end = at + 1;
    while (end < lines.length && lines[end] === line) end += 1;
    const repeats = end - at - 1;
    const mark = `[… previous line repeated ${repeats} more times …]`;
    if (repeats * (line.length + 1) > mark.length + 1) kept.push(line, mark);
    else kept.push(...lines.slice(at, end));
    at = end;
  }
  return kept.length === lines.length ? text : kept.join("\n");
}
