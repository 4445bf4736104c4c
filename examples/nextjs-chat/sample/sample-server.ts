import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { samplePort } from "./sample-origin.ts";

const bytes = 6 * 1024 * 1024;
const piecesPerSecond = 10;
const etag = '"sample-1"';
const line = Buffer.from("2026-01-01,high,4.21\n");

/** Files to download, from a server on the loopback interface that is as slow as one far away. */
export function startSampleServer(): void {
  createServer((request, response) => {
    // The client may go away at any time; it will come back for the rest.
    serve(request, response).catch(() => response.destroy());
  })
    .on("error", (error) => {
      console.error(`There are no files to download: ${error.message}. Set SAMPLE_PORT.`);
    })
    .listen(samplePort, "127.0.0.1");
}

/** `/report.csv?seconds=15`, whole or from a byte on. */
async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { searchParams } = new URL(request.url ?? "/", "http://sample");
  const seconds = Math.min(Math.max(Number(searchParams.get("seconds")) || 15, 1), 120);
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const asked = range !== null && request.headers["if-range"] === etag ? Number(range[1]) : 0;
  const start = asked < bytes ? asked : 0;
  response.writeHead(start > 0 ? 206 : 200, {
    "Accept-Ranges": "bytes",
    "Content-Length": bytes - start,
    "Content-Type": "text/csv",
    ETag: etag,
    ...(start > 0 ? { "Content-Range": `bytes ${start}-${bytes - 1}/${bytes}` } : {}),
  });
  const size = Math.ceil(bytes / seconds / piecesPerSecond);
  for (let at = start; at < bytes && !response.destroyed; at += size) {
    response.write(piece(at, Math.min(size, bytes - at)));
    await sleep(1_000 / piecesPerSecond);
  }
  response.end();
}

function piece(at: number, length: number): Buffer {
  const lines = Buffer.alloc(length + line.length, line);
  return lines.subarray(at % line.length, (at % line.length) + length);
}
