import Anthropic from "@anthropic-ai/sdk";
import type { Session } from "@meanwhile/core";
import OpenAI from "openai";
import {
  anthropic,
  type LoopFunctions,
  type LoopOptions,
  openaiChat,
  openaiResponses,
} from "../../src/index.ts";
import { anthropicDialect } from "./anthropic-dialect.ts";
import { chatDialect } from "./chat-dialect.ts";
import { type Body, type ModelServer, type Scripted, startModelServer } from "./model-server.ts";
import { responsesDialect } from "./responses-dialect.ts";

/** The functions of any wire, for one suite over all of them. */
export type AnyFunctions = LoopFunctions<object, object, object>;

export interface Request {
  readonly messages: object[];
  readonly tools?: object[] | undefined;
  readonly signal: AbortSignal;
}

/** One wire format: its functions, its official client, and its strict server. */
export interface TestedWire {
  readonly name: string;
  start(script: readonly Scripted[]): Promise<ModelServer>;
  functions(session: Session, options?: LoopOptions): AnyFunctions;
  /** Calls the official client, pointed at the server, without retries of its own. */
  create(model: ModelServer): (request: Request) => Promise<object>;
  conversation(body: Body): readonly object[];
  user(text: string): object;
  /** The model's tool calls and their answers, as a loop by hand would append them. */
  calls(...ids: string[]): object[];
  answers(...ids: string[]): object[];
}

export const chat: TestedWire = {
  name: "OpenAI Chat",
  start: (script) => startModelServer(chatDialect, script),
  functions: (session, options) => openaiChat(session, options) as AnyFunctions,
  create(model) {
    const client = new OpenAI({ baseURL: model.url, apiKey: "dummy", maxRetries: 0 });
    return ({ messages, tools, signal }) =>
      client.chat.completions.create(
        {
          model: "scripted",
          messages: messages as OpenAI.ChatCompletionMessageParam[],
          ...(tools === undefined ? {} : { tools: tools as OpenAI.ChatCompletionTool[] }),
        },
        { signal },
      );
  },
  conversation: (body) => body["messages"] as object[],
  user: (text) => ({ role: "user", content: text }),
  calls: (...ids) => [
    {
      role: "assistant",
      content: null,
      tool_calls: ids.map((id) => ({
        id,
        type: "function",
        function: { name: "list_tasks", arguments: "{}" },
      })),
    },
  ],
  answers: (...ids) => ids.map((id) => ({ role: "tool", tool_call_id: id, content: "none" })),
};

export const responses: TestedWire = {
  name: "OpenAI Responses",
  start: (script) => startModelServer(responsesDialect, script),
  functions: (session, options) => openaiResponses(session, options) as AnyFunctions,
  create(model) {
    const client = new OpenAI({ baseURL: model.url, apiKey: "dummy", maxRetries: 0 });
    return ({ messages, tools, signal }) =>
      client.responses.create(
        {
          model: "scripted",
          input: messages as OpenAI.Responses.ResponseInputItem[],
          ...(tools === undefined ? {} : { tools: tools as OpenAI.Responses.FunctionTool[] }),
        },
        { signal },
      );
  },
  conversation: (body) => body["input"] as object[],
  user: (text) => ({ role: "user", content: text }),
  calls: (...ids) =>
    ids.map((id) => ({ type: "function_call", call_id: id, name: "list_tasks", arguments: "{}" })),
  answers: (...ids) =>
    ids.map((id) => ({ type: "function_call_output", call_id: id, output: "none" })),
};

export const claude: TestedWire = {
  name: "Anthropic",
  start: (script) => startModelServer(anthropicDialect, script),
  functions: (session, options) => anthropic(session, options) as AnyFunctions,
  create(model) {
    const client = new Anthropic({ baseURL: model.url, apiKey: "dummy", maxRetries: 0 });
    return ({ messages, tools, signal }) =>
      client.messages.create(
        {
          model: "scripted",
          max_tokens: 100,
          messages: messages as Anthropic.MessageParam[],
          ...(tools === undefined ? {} : { tools: tools as Anthropic.Tool[] }),
        },
        { signal },
      );
  },
  conversation: (body) => body["messages"] as object[],
  user: (text) => ({ role: "user", content: text }),
  calls: (...ids) => [
    {
      role: "assistant",
      content: ids.map((id) => ({ type: "tool_use", id, name: "list_tasks", input: {} })),
    },
  ],
  answers: (...ids) => [
    {
      role: "user",
      content: ids.map((id) => ({ type: "tool_result", tool_use_id: id, content: "none" })),
    },
  ],
};

export const wires: readonly TestedWire[] = [chat, responses, claude];
