import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import type OpenAI from "openai";

export type ModelRequest = Pick<
  OpenAI.ChatCompletionCreateParamsNonStreaming,
  "messages" | "tools" | "parallel_tool_calls"
>;

export interface ModelServer extends AsyncDisposable {
  /** For the client's `baseURL`. */
  readonly url: string;
}

/**
 * Speaks OpenAI's Chat Completions on the loopback interface, so that the agent goes through the
 * real client and the real wire format. What it says comes from `reply`, after a model's usual wait.
 */
export async function startModelServer(
  reply: (request: ModelRequest) => OpenAI.ChatCompletionMessage,
  { latencyMs }: { readonly latencyMs: number },
): Promise<ModelServer> {
  const server = createServer((request, response) => {
    (async () => {
      const message = reply((await json(request)) as ModelRequest);
      await sleep(latencyMs);
      response.writeHead(200, { "Content-Type": "application/json" });
      response.end(JSON.stringify(completion(message)));
    })().catch((error: unknown) => {
      response.writeHead(400, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: { message: String(error) } }));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function completion(message: OpenAI.ChatCompletionMessage): OpenAI.ChatCompletion {
  const finish_reason = message.tool_calls === undefined ? "stop" : "tool_calls";
  return {
    id: `chatcmpl-${crypto.randomUUID()}`,
    object: "chat.completion",
    created: Math.floor(Date.now() / 1_000),
    model: "scripted",
    choices: [{ index: 0, finish_reason, logprobs: null, message }],
  };
}
