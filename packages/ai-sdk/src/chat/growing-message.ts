import { createUIMessageStream, type InferUIMessageChunk, type UIMessage } from "ai";
import type { ChatRunOptions, ChatStream } from "./chat-options.ts";

export interface GrowingOptions<Message extends UIMessage>
  extends Required<Pick<ChatRunOptions<Message>, "generateId" | "onError">>,
    Pick<ChatRunOptions<Message>, "onEnd"> {
  /** The chat's messages before it. */
  readonly chat: readonly Message[];
  /** Whether it is a new one, also behind one of the assistant's. */
  readonly fresh: boolean;
}

/** One message of a chat, to which several turns add, and which each of them saves. */
export interface GrowingMessage<Message extends UIMessage> {
  /** All of it, for the client. */
  readonly stream: ChatStream<Message>;
  /** Begins what a turn adds. */
  open(): void;
  /** Adds to it. Between two turns the client sees it at once, and the next turn saves it. */
  write(chunk: InferUIMessageChunk<Message>): void;
  /**
   * Ends what a turn adds, and gives the chat's messages with it, once they are handed to `onEnd`.
   * @throws what `onEnd` throws
   */
  save(failure?: { readonly error: unknown }): Promise<readonly Message[]>;
  /** Ends the client's stream. */
  close(): void;
  /** Ends the client's stream with an error, unless the client was shown one. */
  fail(error: unknown): void;
}

export function growMessage<Message extends UIMessage>(
  options: GrowingOptions<Message>,
): GrowingMessage<Message> {
  type Chunk = InferUIMessageChunk<Message>;
  const { generateId, onError, onEnd } = options;
  const client = openStream<Chunk>();
  /** What was written between two turns, the last of each id. */
  const unsaved = new Map<unknown, Chunk>();
  const shown = new WeakSet<object>();
  let messages = options.chat;
  let isFresh = options.fresh;
  let isNew = true;
  let isErrorShown = false;
  let addition: Addition<Chunk> | undefined;

  function open(): void {
    const over = Promise.withResolvers<void>();
    let write: Addition<Chunk>["write"] = () => {};
    const chunks = createUIMessageStream<Message>({
      generateId,
      onError,
      ...(isFresh ? {} : { originalMessages: [...messages] }),
      async execute({ writer }) {
        write = (chunk) => writer.write(chunk);
        // Before any part, so that those belong to the new message.
        if (isNew) write({ type: "start" } as Chunk);
        isNew = false;
        for (const chunk of unsaved.values()) write(chunk);
        unsaved.clear();
        try {
          await over.promise;
        } catch (error) {
          if (!isErrorShown) throw error;
          writer.setOutcome?.({ status: "failed", error });
        }
      },
      async onEnd(event) {
        messages = isFresh ? [...messages, event.responseMessage] : event.messages;
        isFresh = false;
        await onEnd?.({ ...event, messages: [...messages] });
      },
    });
    const saved = forward(chunks);
    saved.catch(() => {});
    addition = { write, over, saved };
  }

  /** To its end, also when the client has left. */
  async function forward(chunks: ReadableStream<Chunk>): Promise<void> {
    for await (const chunk of chunks) {
      if (chunk.type === "error") isErrorShown = true;
      // The AI SDK makes a data part of its first chunk, and changes that later.
      if (!shown.has(chunk)) client.write({ ...chunk });
    }
  }

  return {
    stream: client.stream,
    open,
    write(chunk) {
      if (chunk.type === "error") isErrorShown = true;
      if (addition !== undefined) return addition.write(chunk);
      client.write({ ...chunk });
      shown.add(chunk);
      if ("id" in chunk) unsaved.set(chunk.id, chunk);
    },
    async save(failure) {
      if (addition === undefined && unsaved.size > 0) open();
      if (addition === undefined) return messages;
      const { over, saved } = addition;
      if (failure === undefined) over.resolve();
      else over.reject(failure.error);
      addition = undefined;
      try {
        await saved;
      } catch (error) {
        client.fail(error);
        throw error;
      }
      return messages;
    },
    close: client.close,
    fail(error) {
      if (!isErrorShown) client.write({ type: "error", errorText: onError(error) } as Chunk);
      client.close();
    },
  };
}

interface Addition<Chunk> {
  readonly write: (chunk: Chunk) => void;
  readonly over: PromiseWithResolvers<void>;
  readonly saved: Promise<void>;
}

/** A stream that may be written to when it has ended, or nobody reads it any more. */
function openStream<Chunk>(): {
  readonly stream: ReadableStream<Chunk>;
  write(chunk: Chunk): void;
  close(): void;
  fail(error: unknown): void;
} {
  let controller: ReadableStreamDefaultController<Chunk> | undefined;
  const stream = new ReadableStream<Chunk>({
    start(given) {
      controller = given;
    },
    cancel() {
      controller = undefined;
    },
  });
  return {
    stream,
    write: (chunk) => controller?.enqueue(chunk),
    close() {
      controller?.close();
      controller = undefined;
    },
    fail(error) {
      controller?.error(error);
      controller = undefined;
    },
  };
}
