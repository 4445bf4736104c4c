import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { articles } from "./articles.ts";
import { gaugeRecord, harbourNames } from "./tides.ts";

export interface SampleServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
}

const chunkBytes = 16 * 1024;
/** Milliseconds that each kilobyte takes: some are nearer than others. */
const kilobyteMs = { brest: 2.2, dover: 3.3, lisbon: 5 };
const articleMs = 400;

/**
 * The records and the articles, from a server on the loopback interface that is as slow as a real
 * one far away.
 *
 * @param port 0 for any free one
 * @param slowness how many times as slow as that
 * @throws the system's error `EADDRINUSE` when another program has the port
 */
export async function startSampleServer(port: number, slowness: number): Promise<SampleServer> {
  const server = createServer((request, response) => {
    // The client may go away at any time; it will come back for the rest.
    serve(request, response, slowness).catch(() => response.destroy());
  });
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address() as AddressInfo;
  return {
    port: address.port,
    url: `http://127.0.0.1:${address.port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  slowness: number,
): Promise<void> {
  const path = request.url ?? "/";
  const harbour = harbourNames.find((name) => path === `/${name}.csv`);
  if (harbour !== undefined) {
    return serveFile(request, response, gaugeRecord(harbour), kilobyteMs[harbour] * slowness);
  }
  const text =
    path === "/articles"
      ? JSON.stringify(Object.keys(articles))
      : articles[path.replace("/articles/", "")];
  await sleep(articleMs * slowness);
  response.writeHead(text === undefined ? 404 : 200).end(text);
}

/** A range is served only of the very file that the client knows: its ETag says so. */
async function serveFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  eachKilobyteMs: number,
): Promise<void> {
  const etag = `"${createHash("sha256").update(content).digest("hex")}"`;
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const asked = range !== null && request.headers["if-range"] === etag ? Number(range[1]) : 0;
  const start = asked < content.length ? asked : 0;
  response.writeHead(start > 0 ? 206 : 200, {
    "Accept-Ranges": "bytes",
    "Content-Length": content.length - start,
    "Content-Type": "text/csv",
    ETag: etag,
    ...(start > 0
      ? { "Content-Range": `bytes ${start}-${content.length - 1}/${content.length}` }
      : {}),
  });
  await pipeline(throttled(content.subarray(start), eachKilobyteMs), response);
}

async function* throttled(content: Buffer, eachKilobyteMs: number): AsyncGenerator<Buffer> {
  const began = performance.now();
  for (let offset = 0; offset < content.length; offset += chunkBytes) {
    await sleep(Math.max(0, began + (offset / 1_000) * eachKilobyteMs - performance.now()));
    yield content.subarray(offset, offset + chunkBytes);
  }
}
