import { createUIMessageStreamResponse, type InferUIMessageChunk } from "ai";
import type { ChatMessage, Missed } from "../../../../../agent/chat-message.ts";
import { get } from "../../../../../server/endpoint.ts";
import { follow } from "../../../../../server/live-turns.ts";
import { streamOf } from "../../../../../server/stream-of.ts";

type Chunk = InferUIMessageChunk<ChatMessage>;

/**
 * What a page lacks whose message number `count` is `after`, and whose last one is `last`: first
 * the messages that are complete, then the one that is being made, if any.
 */
export const GET = get(async ({ chat, request }) => {
  const { searchParams } = new URL(request.url);
  const live = follow(chat.id);
  const missed = chat.after(searchParams.get("after") ?? "", Number(searchParams.get("count")));
  const last = missed.messages.at(-1)?.id ?? missed.after ?? "";
  const isKnown = last === "" || (missed.after !== null && last === searchParams.get("last"));
  if (live === undefined && isKnown) return new Response(null, { status: 204 });
  return createUIMessageStreamResponse({ stream: streamOf(chunks(missed, live)) });
});

async function* chunks(
  missed: Missed,
  live: ReadableStream<Chunk> | undefined,
): AsyncGenerator<Chunk> {
  yield { type: "data-missed", data: missed, transient: true };
  if (live !== undefined) yield* live;
}
