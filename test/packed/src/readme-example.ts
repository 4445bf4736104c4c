/** A fenced block of a Markdown file that is meant to be run. */
export interface Example {
  /** The first word after the fence, such as `js` or `ts`. */
  language: string;
  code: string;
}

/** The first block whose fence is marked as an example, as in "```ts example". */
export function firstExample(markdown: string): Example {
  const block = /^```(\w+)[^\n]*\bexample\b[^\n]*\n(.*?)^```$/ms.exec(markdown);
  const [, language, code] = block ?? [];
  if (language === undefined || code === undefined) {
    throw new Error("README.md has no runnable block. Mark its first one as ```ts example.");
  }
  return { language, code };
}
