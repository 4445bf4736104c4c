import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { pipeUIMessageStreamToResponse, type UIMessage } from "ai";
import type { Background, ChatRunOptions } from "../../src/index.ts";

export interface ChatServer extends AsyncDisposable {
  readonly url: string;
  /** What is stored of the chat. */
  messages(): readonly UIMessage[];
  /** Resolves when so many requests listen. */
  listening(times: number): Promise<void>;
  /** Answers the next requests with an error. */
  failNext(times: number): void;
}

/** A server with one chat: POST of the new message, and a GET that waits for what comes. */
export async function serveChat(
  background: Background,
  options: Pick<ChatRunOptions<UIMessage>, "stream" | "tools"> & {
    readonly timeoutMs?: number;
    readonly messages?: UIMessage[];
  },
): Promise<ChatServer> {
  const { timeoutMs, messages: initial = [], ...run } = options;
  let stored = initial;
  let listeners = 0;
  let failures = 0;
  let looks: (() => void)[] = [];
  const save = ({ messages }: { messages: UIMessage[] }): void => {
    stored = messages;
  };

  async function post(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const { messages } = JSON.parse(Buffer.concat(chunks).toString()) as { messages: UIMessage[] };
    const added = messages.at(-1);
    const stream = await background.streamTurn({
      ...run,
      messages: () => [...stored, ...(added === undefined ? [] : [added])],
      onEnd: save,
    });
    if (stream === undefined) response.writeHead(204).end();
    else await pipeUIMessageStreamToResponse({ response, stream });
  }

  async function listen(response: ServerResponse): Promise<void> {
    const left = new AbortController();
    response.on("close", () => left.abort());
    listeners += 1;
    for (const look of looks) look();
    const stream = await background.pushTurn({
      ...run,
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      messages: () => stored,
      signal: left.signal,
      onEnd: save,
    });
    if (stream === undefined) response.writeHead(204).end();
    else await pipeUIMessageStreamToResponse({ response, stream });
  }

  const server = createServer((request, response) => {
    if (failures > 0) {
      failures -= 1;
      response.writeHead(503).end();
      return;
    }
    const answer = request.method === "POST" ? post(request, response) : listen(response);
    answer.catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: urlOf(server),
    messages: () => stored,
    failNext(times) {
      failures = times;
    },
    listening: (times) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (listeners < times) return;
          looks = looks.filter((other) => other !== look);
          resolve();
        };
        looks.push(look);
        look();
      }),
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function urlOf(server: Server): string {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("It has no port.");
  return `http://127.0.0.1:${address.port}`;
}
