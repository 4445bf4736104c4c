import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the scripted model does with one request that it accepted. */
export type Scripted =
  | { readonly text: string }
  | {
      readonly calls: readonly {
        readonly id: string;
        readonly name: string;
        readonly input: object | string;
      }[];
    }
  | { readonly fault: "500" | "reset" | "hang" };

export type Body = Readonly<Record<string, unknown>>;

/** One provider's side of its wire format. */
export interface Dialect {
  readonly path: string;
  /** Why the real service would answer 400, or undefined. */
  refuse(body: Body): string | undefined;
  respond(scripted: Exclude<Scripted, { fault: string }>): object;
  error(status: number, message: string): object;
}

export interface ModelServer extends AsyncDisposable {
  readonly url: string;
  /** Bodies of the requests that were well formed, in order; those that met a fault included. */
  readonly accepted: readonly Body[];
  /** Why requests were answered with 400. */
  readonly refused: readonly string[];
  /** Resolves when the model hangs on a request. */
  readonly hanging: Promise<void>;
  /** Lets every reply wait for this first. */
  gate: Promise<void>;
}

/** A model behind a loopback socket that refuses what the real service refuses. */
export async function startModelServer(
  dialect: Dialect,
  script: readonly Scripted[],
): Promise<ModelServer> {
  const accepted: Body[] = [];
  const refused: string[] = [];
  const hung = Promise.withResolvers<void>();
  const server = createServer((request, response) => {
    void answer(request, response).catch((error: unknown) => {
      send(response, 500, dialect.error(500, String(error)));
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    if (request.url !== dialect.path)
      return send(response, 404, dialect.error(404, "no such path"));
    const body = JSON.parse(Buffer.concat(chunks).toString()) as Body;
    const problem = dialect.refuse(body);
    if (problem !== undefined) {
      refused.push(problem);
      return send(response, 400, dialect.error(400, problem));
    }
    const scripted = script[accepted.length];
    accepted.push(body);
    await model.gate;
    if (scripted === undefined) return send(response, 400, dialect.error(400, "script is over"));
    if (!("fault" in scripted)) return send(response, 200, dialect.respond(scripted));
    if (scripted.fault === "500") return send(response, 500, dialect.error(500, "overloaded"));
    if (scripted.fault === "hang") return hung.resolve();
    request.socket.resetAndDestroy();
  }

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const model: ModelServer = {
    url: `http://127.0.0.1:${port}`,
    accepted,
    refused,
    hanging: hung.promise,
    gate: Promise.resolve(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return model;
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}
