import { setTimeout as sleep } from "node:timers/promises";
import { streamOf } from "./stream-of.ts";

const bytes = 6 * 1024 * 1024;
const piecesPerSecond = 10;
const etag = '"sample-1"';
const line = Buffer.from("2026-01-01,high,4.21\n");

/** A file of 6 MiB that takes so many seconds. The rest of it is served to who knows its ETag. */
export function sampleFile({
  seconds,
  from,
  ifRange,
}: {
  readonly seconds: number;
  readonly from: number;
  readonly ifRange: string | null;
}): Response {
  const start = ifRange === etag && from < bytes ? from : 0;
  const headers = {
    "Accept-Ranges": "bytes",
    "Content-Length": String(bytes - start),
    "Content-Type": "application/octet-stream",
    ETag: etag,
    ...(start > 0 ? { "Content-Range": `bytes ${start}-${bytes - 1}/${bytes}` } : {}),
  };
  const size = Math.ceil(bytes / seconds / piecesPerSecond);
  const body = streamOf(pieces(start, size));
  return new Response(body, { status: start > 0 ? 206 : 200, headers });
}

async function* pieces(start: number, size: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (let at = start; at < bytes; at += size) {
    const piece = Buffer.alloc(Math.min(size, bytes - at));
    for (let index = 0; index < piece.length; index += 1) {
      piece[index] = line[(at + index) % line.length] ?? 0;
    }
    yield piece;
    await sleep(1_000 / piecesPerSecond);
  }
}
