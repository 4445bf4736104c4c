import { type Heard, unanswered } from "./heard.ts";
import type { Reply, Script } from "./scripted-model.ts";
import { smallTalk } from "./small-talk.ts";
import { report } from "./task-reports.ts";
import { wishes } from "./wishes.ts";

/** An assistant that starts what the user asks for, goes on talking, and tells what came of it. */
export const chatScript: Script = (heard) => {
  const fresh = unanswered(heard);
  const request = heard.findLast(({ from }) => from === "user")?.text ?? "";
  const results = fresh.filter((item) => item.from === "tool");
  const spoken = fresh.filter(({ from }) => from === "user").map(({ text }) => text);

  const told = fresh.flatMap((item) => (item.from === "task" ? [report(item)] : []));
  if (results.length > 0) {
    const toCancel = results.flatMap((result) => openTasks(result, request));
    if (toCancel.length > 0) {
      const cancel = { reason: "The user asked for it." };
      const calls = toCancel.map((id) => ({
        tool: "cancel_task",
        input: { task_id: id, ...cancel },
      }));
      return { calls };
    }
    return say([...told, ...answersTo(results, request)]);
  }
  const calls = spoken.flatMap(wishes);
  const words = [...told, ...(calls.length > 0 ? [] : spoken.map(smallTalk))];
  return { ...say(words), ...(calls.length > 0 ? { calls } : {}) };
};

function say(sentences: readonly string[]): Reply {
  return sentences.length === 0 ? {} : { text: sentences.join("\n\n") };
}

/** The tasks that a list shows, when the list was asked for to cancel them. */
function openTasks(result: Heard, request: string): string[] {
  if (result.from !== "tool" || result.tool !== "list_tasks" || !/cancel|stop/i.test(request)) {
    return [];
  }
  return [...result.text.matchAll(/\bt_[0-9a-z]+/g)].map(([id]) => id);
}

function answersTo(results: readonly Heard[], request: string): string[] {
  const started = results.filter(({ text }) => / in the background/.test(text)).length;
  const others = results.filter(({ text }) => !/ in the background/.test(text));
  const begun =
    started === 0
      ? []
      : [
          started === 1
            ? "It is running in the background. Ask me anything meanwhile; I tell you when it is done."
            : `${started} tasks are running in the background. Ask me anything meanwhile; I tell you as soon as one is done.`,
        ];
  return [...begun, ...others.map((result) => answerTo(result, request))];
}

function answerTo(result: Heard, request: string): string {
  if (result.from !== "tool") return "";
  if (/^Error/.test(result.text)) return `That cannot be done. ${result.text}`;
  if (result.tool === "cancel_task") return "Cancelled, as you asked.";
  if (/cancel|stop/i.test(request)) return "There is nothing to cancel.";
  return `This is how things stand:\n${result.text}`;
}
