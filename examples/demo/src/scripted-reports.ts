/** What the scripted model says of a task that has ended, from what it was told. */
export function reportResult(text: string): string[] {
  const failed = /kind="(failed|cancelled)"|^status: (failed|cancelled)/m.test(text);
  const ended = failed || /kind="completed"|^status: completed/m.test(text);
  const name = (/ name="(\w+)"/.exec(text) ?? /^task: .*\((\w+)\)$/m.exec(text))?.[1];
  if (!ended || name === undefined) return [];
  if (failed) return [`The task "${name}" did not succeed: ${lineAfterFence(text)}`];
  return [reports[name]?.(text) ?? `The task "${name}" is done.`];
}

/** Of the hashing while it runs, from what it has printed. */
export function reportProgress(text: string): string[] {
  if (!/^status: (running|queued)/m.test(text)) return [];
  const [line, done, total] = [...text.matchAll(/(\d+)\/(\d+) files/g)].at(-1) ?? [];
  if (line === undefined) return ["It has not finished a file yet."];
  return [`${line} are hashed, that is ${Math.floor((Number(done) / Number(total)) * 100)} %.`];
}

const reports: Readonly<Record<string, (text: string) => string>> = {
  download(text) {
    const { bytes = 0, resumedFrom } = resultIn(text) as { bytes?: number; resumedFrom?: number };
    const resumed =
      resumedFrom === undefined
        ? ""
        : ` It was interrupted and went on from ${megabytes(resumedFrom)}.`;
    return `The download is complete: ${megabytes(bytes)}, and the SHA-256 is right.${resumed}`;
  },
  command(text) {
    const [, files, fingerprint] = /(\d+) files hashed, fingerprint (\w+)/.exec(text) ?? [];
    return `The hashing is done: ${files} files, fingerprint ${fingerprint}.`;
  },
  summarise(text) {
    const summaries = resultIn(text) as { document: string; summary: string }[];
    const readme = summaries.find(({ document }) => document === "README.md");
    return `The ${summaries.length} documents are summarised. README.md: "${readme?.summary}"`;
  },
};

/** A result is one line of JSON. */
function resultIn(text: string): unknown {
  return JSON.parse(text.split("\n").find((line) => /^[[{]/.test(line)) ?? "[]");
}

function lineAfterFence(text: string): string {
  return /<task-output[^>]*>\n(.*)/.exec(text)?.[1] ?? "no reason was given.";
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
