import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { AIMessage, type BaseMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { hear } from "./heard.ts";
import type { Reply, Script } from "./scripted-model.ts";

export interface OpenAIServer extends AsyncDisposable {
  /** For `OPENAI_BASE_URL`. */
  readonly url: string;
  /** The names of models that were asked for. */
  readonly models: ReadonlySet<string>;
}

interface Message {
  readonly role: string;
  readonly content?: string | readonly { readonly text?: string }[] | null;
  readonly tool_call_id?: string;
  readonly tool_calls?: readonly {
    readonly id: string;
    readonly function: { readonly name: string; readonly arguments: string };
  }[];
}

interface Request {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly tools?: readonly unknown[];
  readonly stream?: boolean;
}

/** The name of a model that the server has no key for. */
export const brokenModel = "broken";

/**
 * Speaks OpenAI's Chat Completions on the loopback interface, streamed or not.
 *
 * @param scriptFor what to say, which may depend on whether tools are offered
 */
export async function startOpenAIServer(
  scriptFor: (request: { readonly hasTools: boolean }) => Script,
): Promise<OpenAIServer> {
  const models = new Set<string>();
  const server = createServer(async (request, response) => {
    const { model, messages, tools = [], stream } = (await json(request)) as Request;
    models.add(model);
    if (model === brokenModel) {
      response.writeHead(401, { "Content-Type": "application/json" });
      return response.end(JSON.stringify({ error: { message: "no such key" } }));
    }
    const reply = scriptFor({ hasTools: tools.length > 0 })(hear(messages.flatMap(toMessage)));
    if (stream !== true) {
      response.writeHead(200, { "Content-Type": "application/json" });
      return response.end(JSON.stringify(completion(model, reply)));
    }
    response.writeHead(200, { "Content-Type": "text/event-stream" });
    for (const chunk of chunks(model, reply)) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    return response.end("data: [DONE]\n\n");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    models,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function toMessage({ role, content, tool_call_id, tool_calls = [] }: Message): BaseMessage[] {
  const text =
    typeof content === "string" ? content : (content ?? []).map((part) => part.text ?? "").join("");
  if (role === "user") return [new HumanMessage(text)];
  if (role === "tool")
    return [new ToolMessage({ content: text, tool_call_id: tool_call_id ?? "" })];
  if (role !== "assistant") return [];
  const calls = tool_calls.map(({ id, function: { name, arguments: args } }) => ({
    id,
    name,
    args: JSON.parse(args) as Record<string, unknown>,
  }));
  return [new AIMessage({ content: text, tool_calls: calls })];
}

function callsOf({ calls = [] }: Reply) {
  return calls.map(({ tool, input }, index) => ({
    index,
    id: `call_${crypto.randomUUID()}`,
    type: "function",
    function: { name: tool, arguments: JSON.stringify(input) },
  }));
}

function completion(model: string, reply: Reply) {
  const tool_calls = callsOf(reply);
  const message = {
    role: "assistant",
    content: reply.text ?? null,
    ...(tool_calls.length > 0 ? { tool_calls } : {}),
  };
  const finish_reason = tool_calls.length > 0 ? "tool_calls" : "stop";
  return {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: "chat.completion",
    created: 1,
    model,
    choices: [{ index: 0, message, finish_reason }],
    usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
  };
}

function chunks(model: string, reply: Reply): object[] {
  const id = `chatcmpl-${crypto.randomUUID()}`;
  const tool_calls = callsOf(reply);
  const deltas = [
    { role: "assistant", content: "" },
    ...(reply.text ?? "").split(/(?<=\s)/).map((content) => ({ content })),
    ...(tool_calls.length > 0 ? [{ tool_calls }] : []),
  ];
  const chunk = (delta: object, finish_reason: string | null) => ({
    id,
    object: "chat.completion.chunk",
    created: 1,
    model,
    choices: [{ index: 0, delta, finish_reason }],
  });
  return [
    ...deltas.map((delta) => chunk(delta, null)),
    chunk({}, tool_calls.length > 0 ? "tool_calls" : "stop"),
  ];
}
