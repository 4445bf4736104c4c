import type OpenAI from "openai";
import type { ModelRequest } from "./model-server.ts";
import { reportProgress, reportResult } from "./scripted-reports.ts";

type Message = OpenAI.ChatCompletionMessageParam;

interface Call {
  readonly name: string;
  readonly input: object;
}

/** A message, a tool's answer together with the call that it belongs to. */
interface Heard {
  readonly role: Message["role"];
  /** The tool that answered. */
  readonly tool: string;
  readonly text: string;
}

/**
 * Plays the model. It keeps no state and goes by the conversation alone, as a real one does: so it
 * finds its way after an interruption as well.
 */
export function reply(request: ModelRequest): OpenAI.ChatCompletionMessage {
  const heard = readMessages(request.messages);
  if (request.tools === undefined) return say(firstSentence(heard.at(-1)?.text ?? ""));

  // A call that was cut off may have started its task all the same: look, rather than start it twice.
  const cutOff = heard.findLastIndex(isCutOff);
  const looked = heard.findLastIndex(({ tool }) => tool === "list_tasks");
  if (cutOff > looked) return call([{ name: "list_tasks", input: { all: true } }]);

  const missing = wantedCalls(heard).filter(({ name }) => !heard.some(starts(name)));
  const atOnce = request.parallel_tool_calls === false ? 1 : missing.length;
  if (missing.length > 0) return call(missing.slice(0, atOnce));

  const news = heard.slice(heard.findLastIndex(isSpoken) + 1);
  const hashing = heard.map(idOf("run_command")).find((id) => id !== undefined);
  if (news.some(asksHowFar) && !news.some(({ tool }) => tool === "read_task") && hashing) {
    return call([{ name: "read_task", input: { task_id: hashing } }]);
  }
  const begun = news.some(({ text }) => /^Task .* in the background/.test(text));
  const said = heard.filter(isSpoken).map(({ text }) => text);
  const parts = news.flatMap((item) => {
    const told = respond(item);
    // Who asks how far it is may have missed that it was done.
    const isOld = told.every((part) => said.some((text) => text.includes(part)));
    return item.tool === "read_task" && isOld ? ["It is done, as I said."] : told;
  });
  return say([...(begun ? [begunText] : []), ...parts].join("\n") || "I see.");
}

const begunText =
  "All three are running. Ask me anything meanwhile; I tell you as soon as one is done.";

function respond({ role, tool, text }: Heard): string[] {
  if (tool === "list_tasks") return [];
  if (role === "tool") return [...reportProgress(text), ...reportResult(text)];
  if (isNotification(text)) return text.split(/(?=<task-notification )/).flatMap(reportResult);
  if (!/If-Range/.test(text)) return [];
  return [
    "With it a client asks for the rest of a file only if the file is still the same; otherwise " +
      "the server sends it whole. So a resumed download never mixes two versions.",
  ];
}

/** What the user's first message asks for. */
function wantedCalls(heard: readonly Heard[]): Call[] {
  const request = heard.find(({ role }) => role === "user")?.text ?? "";
  const [, url, path, sha256] =
    /download (\S+) to (\S+) \(its SHA-256 is (\w+)\)/.exec(request) ?? [];
  const [, line = ""] = /run "([^"]+)"/.exec(request) ?? [];
  return [
    { name: "download", input: { url, path, sha256 } },
    { name: "run_command", input: { argv: line.split(" ") } },
    { name: "summarise", input: {} },
  ];
}

/** Whether an answer shows that the tool's task was started, or cannot be. */
function starts(tool: string): (heard: Heard) => boolean {
  return (heard) => (heard.tool === tool && !isCutOff(heard)) || lineOf(tool)(heard) !== undefined;
}

function idOf(tool: string): (heard: Heard) => string | undefined {
  return (heard) =>
    heard.tool === tool
      ? /^(?:Task |task: )(\S+)/.exec(heard.text)?.[1]
      : lineOf(tool)(heard)?.split(" ")[0];
}

/** Where a list of tasks has the tool's. */
function lineOf(tool: string): (heard: Heard) => string | undefined {
  const name = tool === "run_command" ? "command" : tool;
  return (heard) =>
    heard.tool === "list_tasks"
      ? heard.text.split("\n").find((line) => line.includes(`(${name})`))
      : undefined;
}

function asksHowFar({ role, text }: Heard): boolean {
  return role === "user" && /how far/.test(text);
}

/** See conversation.ts. */
function isCutOff({ role, text }: Heard): boolean {
  return role === "tool" && text.startsWith("Interrupted");
}

function isSpoken({ role, text }: Heard): boolean {
  return role === "assistant" && text !== "";
}

function isNotification(text: string): boolean {
  return text.startsWith("[Automatic notifications");
}

function readMessages(messages: readonly Message[]): Heard[] {
  const names = new Map<string, string>();
  return messages.map((message) => {
    if (message.role === "assistant") {
      for (const made of message.tool_calls ?? []) {
        if (made.type === "function") names.set(made.id, made.function.name);
      }
    }
    const tool = message.role === "tool" ? (names.get(message.tool_call_id) ?? "") : "";
    const text = typeof message.content === "string" ? message.content : "";
    return { role: message.role, tool, text };
  });
}

function say(content: string): OpenAI.ChatCompletionMessage {
  return { role: "assistant", content, refusal: null };
}

function call(calls: readonly Call[]): OpenAI.ChatCompletionMessage {
  const tool_calls = calls.map(({ name, input }) => ({
    id: `call_${crypto.randomUUID()}`,
    type: "function" as const,
    function: { name, arguments: JSON.stringify(input) },
  }));
  return { role: "assistant", content: null, refusal: null, tool_calls };
}

/** Of the prose in a document. */
function firstSentence(document: string): string {
  const prose = document.split("\n").find((line) => /^[A-Z]\w* /.test(line)) ?? "A document.";
  return /^.+?[.:](?= |$)/.exec(prose)?.[0] ?? prose;
}
