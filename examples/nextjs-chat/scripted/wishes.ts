import { sampleOrigin } from "../sample/sample-origin.ts";

interface ToolCall {
  readonly tool: string;
  readonly input: object;
}

/** The calls of tools that a user's sentence asks for. */
export function wishes(text: string): ToolCall[] {
  if (/\b(cancel|stop|how far|status|running)\b/i.test(text)) {
    return [{ tool: "list_tasks", input: {} }];
  }
  return text.split(/\band\b/i).flatMap((wish) => {
    const seconds = /(\d+) seconds?/.exec(wish)?.[1];
    return [...downloads(wish, seconds), ...commands(wish, seconds), ...researches(wish)];
  });
}

function downloads(text: string, seconds = "15"): ToolCall[] {
  const [, given] = /download\s+(https?:\/\/\S+)/i.exec(text) ?? [];
  if (given !== undefined) {
    const path = given.split(/[?#]/)[0]?.split("/").at(-1) || "download";
    return [{ tool: "download", input: { url: given, path } }];
  }
  return [...text.matchAll(/download (?:the |a |an )?([\w-]+)/gi)].map(([, word = "sample"]) => {
    const path = `${word.toLowerCase()}.csv`;
    const url = `${sampleOrigin}/${path}?seconds=${seconds}`;
    return { tool: "download", input: { url, path } };
  });
}

function commands(text: string, seconds?: string): ToolCall[] {
  const [, quoted, plain] = /\brun (?:[`"]([^`"]+)[`"]|([a-z].*))$/im.exec(text) ?? [];
  const line = quoted ?? plain;
  if (line !== undefined) return [run(line.trim().split(/\s+/))];
  return [
    ...(/\bcheck the project/i.test(text)
      ? [run(["node", "check.mjs", ...(seconds === undefined ? [] : [`--seconds=${seconds}`])])]
      : []),
    ...(/\bdeploy\b/i.test(text) ? [run(["node", "deploy.mjs"])] : []),
    ...(/\bhostile\b/i.test(text) ? [run(["cat", "hostile.txt"])] : []),
  ];
}

function run(argv: readonly string[]): ToolCall {
  return { tool: "run_command", input: { argv } };
}

function researches(text: string): ToolCall[] {
  const [, topic] = /\bresearch (?:the )?([\w -]+?)(?= meanwhile|[.,;!?]|$)/i.exec(text) ?? [];
  return topic === undefined ? [] : [{ tool: "research", input: { prompt: topic.trim() } }];
}
