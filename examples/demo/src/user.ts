import { setTimeout as sleep } from "node:timers/promises";

export interface Line {
  readonly text: string;
  /** Milliseconds after the beginning. */
  readonly atMs: number;
}

export interface SpokenLine {
  readonly text: string;
  /** By the clock of `performance.now()`. */
  readonly askedAt: number;
}

/** What the user says, and when: without waiting for the work that the agent was given. */
export function script(file: { readonly url: string; readonly sha256: string }): readonly Line[] {
  return [
    {
      atMs: 0,
      text:
        "Please do three things, and tell me of each when it is done: " +
        `download ${file.url} to tides.bin (its SHA-256 is ${file.sha256}), ` +
        'run "node examples/demo/src/hash-files.mjs", ' +
        "and summarise the documents of this repository.",
    },
    { atMs: 2_000, text: "While that runs: how far is the hashing?" },
    { atMs: 5_200, text: "And what is the If-Range header good for?" },
  ];
}

/** Says the lines in their time. One that the agent has no time for waits until it is asked for. */
export async function* speak(
  lines: readonly Line[],
  signal: AbortSignal,
): AsyncGenerator<SpokenLine, undefined, undefined> {
  // After an interruption the first line that is left comes without its wait.
  const began = performance.now() - (lines[0]?.atMs ?? 0);
  for (const { text, atMs } of lines) {
    const askedAt = began + atMs;
    await sleep(Math.max(0, askedAt - performance.now()), undefined, { signal });
    yield { text, askedAt };
  }
  return undefined;
}
