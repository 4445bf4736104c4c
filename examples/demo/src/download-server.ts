import { createCipheriv, createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";

export interface DownloadServer extends AsyncDisposable {
  readonly port: number;
  readonly url: string;
  /** What the whole file hashes to. */
  readonly sha256: string;
}

export interface DownloadServerOptions {
  /** 0 for any free one. */
  readonly port: number;
  readonly bytes: number;
  readonly bytesPerSecond: number;
}

const chunkBytes = 64 * 1024;
const etag = '"tides-1"';

/** A file server on the loopback interface that is as slow as a real one far away. */
export async function startDownloadServer(options: DownloadServerOptions): Promise<DownloadServer> {
  const server = createServer((request, response) => {
    // The client may go away at any time; it will come back for the rest.
    serve(request, response, options).catch(() => response.destroy());
  });
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    port,
    url: `http://127.0.0.1:${port}/tides.bin`,
    sha256: createHash("sha256").update(content(0, options.bytes)).digest("hex"),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A range is served only of the very file that the client knows: its ETag says so. */
async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  { bytes, bytesPerSecond }: DownloadServerOptions,
): Promise<void> {
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const asked = range !== null && request.headers["if-range"] === etag ? Number(range[1]) : 0;
  const start = asked < bytes ? asked : 0;
  response.writeHead(start > 0 ? 206 : 200, {
    "Accept-Ranges": "bytes",
    "Content-Length": bytes - start,
    "Content-Type": "application/octet-stream",
    ETag: etag,
    ...(start > 0 ? { "Content-Range": `bytes ${start}-${bytes - 1}/${bytes}` } : {}),
  });
  await pipeline(throttled(start, bytes, bytesPerSecond), response);
}

async function* throttled(
  start: number,
  end: number,
  bytesPerSecond: number,
): AsyncGenerator<Buffer, void, undefined> {
  const began = performance.now();
  for (let offset = start; offset < end; offset += chunkBytes) {
    const due = began + ((offset - start) / bytesPerSecond) * 1_000;
    await sleep(Math.max(0, due - performance.now()));
    yield content(offset, Math.min(chunkBytes, end - offset));
  }
}

/** Random looking, yet the same after a restart: the key stream of a cipher in counter mode. */
function content(offset: number, length: number): Buffer {
  const skipped = offset % 16;
  const counter = Buffer.alloc(16);
  counter.writeBigUInt64BE(BigInt((offset - skipped) / 16), 8);
  const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16), counter);
  return cipher.update(Buffer.alloc(skipped + length)).subarray(skipped);
}
