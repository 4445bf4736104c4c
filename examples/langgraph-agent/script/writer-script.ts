import type { Script } from "kit/scripted-model";

/** A writer that takes the first sentence of each source. */
export const writerScript: Script = (heard) => {
  const [, sources = ""] = /Sources:\n(.*)/s.exec(heard.at(-1)?.text ?? "") ?? [];
  const sentences = sources.split("\n").map((text) => /^.+?\.(?= |$)/.exec(text)?.[0] ?? "");
  return { text: sentences.join(" ") };
};
