import { type Heard, unanswered } from "kit/heard";
import type { Reply, Script } from "kit/scripted-model";

type Told = Extract<Heard, { from: "task" }>;

/** A researcher that starts what can run at once, goes on with what is there, and reports at the end. */
export const researchScript: Script = (heard) => {
  const request = heard.find(({ from }) => from === "user")?.text ?? "";
  const harbours = harboursIn(request);
  const fresh = unanswered(heard);
  if (fresh.some(({ from }) => from === "user")) return begin(harbours, request);

  const told = fresh.filter((item) => item.from === "task");
  const all = heard.filter((item) => item.from === "task");
  const refused = fresh.filter(({ from, text }) => from === "tool" && /^Error/.test(text));
  const sentences = [...told.map(sentence), ...refused.map(({ text }) => text)];
  const calls = told.flatMap(nextStep);
  if (calls.length > 0) return { text: sentences.join(" "), calls };
  if (sentences.length === 0)
    return { text: `${waitFor(fresh.length)} I go on when there is news.` };
  const done = all.filter(({ name }) => name === "command" || name === "explain");
  return { text: done.length > harbours.length ? report(all, harbours) : sentences.join(" ") };
};

function begin(harbours: readonly string[], request: string): Reply {
  const [, url = "", question = ""] =
    /(http:\S+)\/<harbour>\.csv.*explain (.+)\./s.exec(request) ?? [];
  return {
    text: "I fetch the records, and have the reasons looked up meanwhile.",
    calls: [
      ...harbours.map((name) => ({
        tool: "download",
        input: { url: `${url}/${name}.csv`, path: `${name}.csv` },
      })),
      { tool: "explain", input: { question } },
    ],
  };
}

function harboursIn(request: string): string[] {
  const [, list = ""] = /tides of ([^.]+)\./.exec(request) ?? [];
  return list.split(/, | and /).map((name) => name.toLowerCase());
}

function waitFor(tasks: number): string {
  return tasks === 1 ? "It runs." : `All ${tasks} run.`;
}

function nextStep({ kind, name, title }: Told) {
  const file = /\w+\.csv/.exec(title)?.[0];
  if (kind !== "completed" || name !== "download" || file === undefined) return [];
  return [{ tool: "run_command", input: { argv: ["node", "measure.mjs", file] } }];
}

function sentence({ kind, name, title, text }: Told): string {
  if (kind !== "completed") return `"${title}" is ${kind}.`;
  if (name === "download") return `${harbourOf(title)} is here, so I have it measured.`;
  if (name === "explain") return "The reasons are found.";
  return `${harbourOf(title)} is measured: ${waters(text)}.`;
}

/** In the order of the request. */
function report(told: readonly Told[], harbours: readonly string[]): string {
  const isDone = ({ kind }: Told): boolean => kind === "completed";
  const measured = harbours.flatMap((harbour) => {
    const found = told.find(({ name, title }) => name === "command" && title.includes(harbour));
    return found !== undefined && isDone(found) ? [found] : [];
  });
  const explained = told.find((item) => item.name === "explain" && isDone(item));
  return [
    "Report",
    ...measured.map(({ title, text }) => `${harbourOf(title)}: ${waters(text)}.`),
    ...told.filter((item) => !isDone(item)).map(({ title, kind }) => `"${title}" is ${kind}.`),
    ...(explained === undefined ? [] : [explanation(explained)]),
  ].join("\n");
}

function harbourOf(title: string): string {
  const [, name = "It"] = /(\w+)\.csv/.exec(title) ?? [];
  return name.charAt(0).toUpperCase() + name.slice(1);
}

function waters(text: string): string {
  return text.match(/(highest|lowest) water [\d.]+ m/g)?.join(", ") ?? "nothing readable";
}

/** The result stands alone between its fence. */
function explanation({ text }: Told): string {
  return text.split("\n").find((line) => /^"?[A-Z].+[.]"?$/.test(line)) ?? "";
}
