import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Handler = (request: IncomingMessage, response: ServerResponse, index: number) => void;

export interface FileServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** Every request, in order. */
  readonly requests: readonly IncomingMessage[];
  /** Resolves once there were so many requests. */
  requested(count: number): Promise<void>;
}

/** A real server on the loopback interface; the handler gets the number of the request from 0. */
export async function fileServer(handler: Handler): Promise<FileServer> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    handler(request, response, requests.length - 1);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    async requested(count) {
      while (requests.length < count) await once(server, "request");
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export interface SendOptions {
  readonly etag?: string | null;
  readonly lastModified?: string;
  /** Bytes of the body after which the connection breaks. */
  readonly breakAfter?: number;
  /** Bytes of the body after which nothing more comes. */
  readonly stallAfter?: number;
  readonly ignoreRange?: boolean;
  readonly ignoreIfRange?: boolean;
}

/** Sends a file as a right server does, but for what the options say. */
export function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  content: Buffer,
  options: SendOptions = {},
): void {
  const etag = options.etag === undefined ? `"${sha256(content).slice(0, 16)}"` : options.etag;
  if (etag !== null) response.setHeader("ETag", etag);
  if (options.lastModified !== undefined) response.setHeader("Last-Modified", options.lastModified);
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const condition = request.headers["if-range"];
  const isCurrent =
    options.ignoreIfRange === true ||
    condition === undefined ||
    condition === etag ||
    condition === options.lastModified;
  let body = content;
  if (range !== null && isCurrent && options.ignoreRange !== true) {
    const start = Number(range[1]);
    if (start >= content.length) {
      response.writeHead(416, { "Content-Range": `bytes */${content.length}` }).end();
      return;
    }
    body = content.subarray(start);
    response.statusCode = 206;
    response.setHeader("Content-Range", `bytes ${start}-${content.length - 1}/${content.length}`);
  }
  response.setHeader("Content-Length", body.length);
  const cut = options.breakAfter ?? options.stallAfter;
  if (cut === undefined || cut >= body.length) {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, cut), () => {
    if (options.breakAfter !== undefined) response.socket?.end();
  });
}

export function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}

/** Bytes that differ from place to place, so that a spliced file is noticed. */
export function bytesOf(seed: string, size: number): Buffer {
  const content = Buffer.allocUnsafe(size);
  let block = Buffer.from(seed);
  for (let at = 0; at < size; at += block.length) {
    block = createHash("sha256").update(block).digest();
    block.copy(content, at);
  }
  return content;
}
