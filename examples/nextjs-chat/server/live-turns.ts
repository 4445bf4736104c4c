import type { InferUIMessageChunk } from "ai";
import type { ChatMessage } from "../agent/chat-message.ts";
import { singleton } from "./singleton.ts";

type Chunk = InferUIMessageChunk<ChatMessage>;

interface Turn {
  readonly chunks: Chunk[];
  /** Resolves when there are more chunks, or none will follow. */
  more: PromiseWithResolvers<void>;
  isOver: boolean;
}

const turns = singleton("turns", () => new Map<string, Turn>());
const listeners = singleton("turn-listeners", () => new Map<string, Set<() => void>>());

/** Lets every page that shows the chat follow the message that is being made. */
export function publish(chatId: string, stream: ReadableStream<Chunk>): ReadableStream<Chunk> {
  const turn: Turn = { chunks: [], more: Promise.withResolvers(), isOver: false };
  turns.set(chatId, turn);
  void record(turn, stream).finally(() => {
    if (turns.get(chatId) === turn) turns.delete(chatId);
  });
  for (const listener of listeners.get(chatId) ?? []) listener();
  return read(turn);
}

/** The message that is being made now, from its first chunk on. */
export function follow(chatId: string): ReadableStream<Chunk> | undefined {
  const turn = turns.get(chatId);
  return turn === undefined ? undefined : read(turn);
}

/** Calls back when a message begins to be made. Gives what ends it. */
export function onTurn(chatId: string, listener: () => void): () => void {
  const own = listeners.get(chatId) ?? new Set();
  listeners.set(chatId, own);
  own.add(listener);
  return () => {
    own.delete(listener);
    if (own.size === 0 && listeners.get(chatId) === own) listeners.delete(chatId);
  };
}

async function record(turn: Turn, stream: ReadableStream<Chunk>): Promise<void> {
  try {
    for await (const chunk of stream) {
      turn.chunks.push(chunk);
      wake(turn);
    }
  } catch {
    turn.chunks.push({ type: "error", errorText: "The answer broke off." });
  } finally {
    turn.isOver = true;
    wake(turn);
  }
}

function wake(turn: Turn): void {
  turn.more.resolve();
  turn.more = Promise.withResolvers();
}

function read(turn: Turn): ReadableStream<Chunk> {
  let next = 0;
  return new ReadableStream({
    async pull(controller) {
      while (next >= turn.chunks.length && !turn.isOver) await turn.more.promise;
      const chunk = turn.chunks[next++];
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
  });
}
