import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/** A server in the place of OpenAI and Anthropic, whose model has always finished. */
export interface ModelServer extends AsyncDisposable {
  url: string;
}

const text = "All done.";

/** Answers by path, in each service's wire format. */
const answers: Record<string, object> = {
  "/chat/completions": {
    id: "chatcmpl-1",
    object: "chat.completion",
    created: 0,
    model: "stand-in",
    choices: [{ index: 0, finish_reason: "stop", message: { role: "assistant", content: text } }],
  },
  "/responses": {
    id: "resp_1",
    object: "response",
    created_at: 0,
    status: "completed",
    model: "stand-in",
    output: [
      {
        id: "msg_1",
        type: "message",
        role: "assistant",
        status: "completed",
        content: [{ type: "output_text", text, annotations: [] }],
      },
    ],
  },
  "/v1/messages": {
    id: "msg_1",
    type: "message",
    role: "assistant",
    model: "stand-in",
    stop_reason: "end_turn",
    content: [{ type: "text", text }],
    usage: { input_tokens: 1, output_tokens: 1 },
  },
};

export async function startModelServer(): Promise<ModelServer> {
  const server = createServer(async (request, response) => {
    await readToEnd(request);
    const answer = answers[request.url ?? ""];
    response.writeHead(answer === undefined ? 404 : 200, { "Content-Type": "application/json" });
    response.end(JSON.stringify(answer ?? { error: { message: "no such path" } }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function readToEnd(request: IncomingMessage): Promise<void> {
  for await (const _ of request);
}
