import { cookies } from "next/headers";
import type { z } from "zod";
import { findChat, type StoredChat } from "./chats.ts";
import { Refusal } from "./refusal.ts";
import { isVisitor, visitorCookie } from "./visitor.ts";

interface Routed {
  /** Gives undefined where the address has none. */
  readonly params: Promise<{ readonly id?: string; readonly task?: string } | undefined>;
}

export interface Call<Body> {
  /** The chat, which is the visitor's. */
  readonly chat: StoredChat;
  readonly body: Body;
  readonly request: Request;
  /** The task that the address names, or "". */
  readonly taskId: string;
}

type Handler = (request: Request, routed: Routed) => Promise<Response>;

const maxBodyBytes = 64 * 1024;

/** An endpoint that changes something in a chat: what the address does not name, the body does. */
export function post<Body>(
  schema: z.ZodType<Body>,
  handle: (call: Call<Body>) => Promise<Response>,
): Handler {
  return refusing(async (request, { params }) => {
    if (originOf(request) === undefined) {
      throw new Refusal("WRONG_ORIGIN", "Only this site's own pages may send this.");
    }
    const type = request.headers.get("content-type") ?? "";
    if (!/^application\/json(;|$)/i.test(type)) {
      throw new Refusal("WRONG_CONTENT_TYPE", "Send application/json.");
    }
    const body = schema.safeParse(await readJson(request));
    if (!body.success) throw new Refusal("INVALID_REQUEST", body.error.message);
    const { id = idIn(body.data), task: taskId = "" } = (await params) ?? {};
    return handle({ chat: await chatOf(id), body: body.data, request, taskId });
  });
}

/** An endpoint that reads a chat. */
export function get(handle: (call: Call<undefined>) => Promise<Response>): Handler {
  return refusing(async (request, { params }) => {
    const site = request.headers.get("sec-fetch-site");
    const isForeign = request.headers.has("origin") && originOf(request) === undefined;
    if (isForeign || site === "cross-site" || site === "same-site") {
      throw new Refusal("WRONG_ORIGIN", "Only this site's own pages may read this.");
    }
    const { id, task: taskId = "" } = (await params) ?? {};
    return handle({ chat: await chatOf(id), body: undefined, request, taskId });
  });
}

function refusing(handle: Handler): Handler {
  return async (request, routed) => {
    try {
      return await handle(request, routed);
    } catch (error) {
      if (error instanceof Refusal) return error.response;
      throw error;
    }
  };
}

/** The origin of the page that sent it, if it is one of ours. */
function originOf(request: Request): string | undefined {
  const origin = request.headers.get("origin");
  const url = origin === null ? null : URL.parse(origin);
  return url !== null && url.host === request.headers.get("host") ? url.origin : undefined;
}

async function readJson(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBodyBytes) throw new Refusal("TOO_LARGE", `Send at most ${maxBodyBytes} bytes.`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    throw new Refusal("INVALID_REQUEST", "The body is no JSON.");
  }
}

function idIn(body: unknown): string | undefined {
  return typeof body === "object" && body !== null && "id" in body ? String(body.id) : undefined;
}

/** A chat of somebody else's is as unknown as one that does not exist. */
async function chatOf(id = ""): Promise<StoredChat> {
  const visitor = (await cookies()).get(visitorCookie)?.value;
  if (!isVisitor(visitor)) throw new Refusal("NO_VISITOR", "Open the site in a browser first.");
  const chat = findChat(visitor, id);
  if (chat === undefined) throw new Refusal("NOT_FOUND", "There is no such chat.");
  return chat;
}
