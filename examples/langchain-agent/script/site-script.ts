import { type Heard, unanswered } from "kit/heard";
import type { Script } from "kit/scripted-model";

type Told = Extract<Heard, { from: "task" }>;

/** Looks after a site: starts what is slow in the background, answers meanwhile, and publishes. */
export const siteScript: Script = (heard) => {
  const fresh = unanswered(heard);
  // In the user's words, or in a summary of them.
  const url = heard.map(({ text }) => /http:\/\/[\w.:]+/.exec(text)?.[0]).find(Boolean) ?? "";
  if (fresh.some(({ from, text }) => from === "user" && /^Check the links/.test(text))) {
    return {
      text: "I run both in the background.",
      calls: [
        { tool: "check_links", input: { url, background: true } },
        { tool: "build_index", input: { url } },
      ],
    };
  }
  const words = new Set(fresh.flatMap(respond));
  const isIndexed = fresh.some(
    (item) => item.from === "task" && item.kind === "completed" && item.name === "build_index",
  );
  if (!isIndexed) return { text: [...words].join(" ") || "I see." };
  return {
    text: [...words, "So I publish the site."].join(" "),
    calls: [{ tool: "publish", input: { url } }],
  };
};

const answers: readonly (readonly [RegExp, string])[] = [
  [
    /good for/,
    "It says of each word on which pages it stands, so that a search need not read them.",
  ],
  [/links break/, "Pages are renamed and removed, and nobody tells those who link to them."],
  [/public/, "Not yet: first its index has to be built."],
];

function respond(item: Heard): string[] {
  switch (item.from) {
    case "agent":
      return [];
    case "user":
      return answers.filter(([pattern]) => pattern.test(item.text)).map(([, answer]) => answer);
    case "tool":
      return [answerOf(item.tool, item.text)];
    case "task":
      return [report(item)];
    case "reminder":
      return /not finished:(?:(?!Results).)*Link check/s.test(item.text)
        ? ["The links are still being checked."]
        : [];
  }
}

function answerOf(tool: string, text: string): string {
  if (/^Error/.test(text)) return text.split("\n")[0] ?? "";
  if (tool !== "publish") return "Ask me anything meanwhile.";
  return /^published/.test(text) ? "It is public now." : "So it is not published.";
}

function report({ kind, name, title, text }: Told): string {
  if (kind !== "completed") return `"${title}" is ${kind}.`;
  if (name !== "build_index") return `${/\d+ links.*/.exec(text)?.[0] ?? title}.`;
  const [, pages, words] = /"pages":(\d+),"words":(\d+)/.exec(text) ?? [];
  return `The index is built: ${words} words on ${pages} pages.`;
}
