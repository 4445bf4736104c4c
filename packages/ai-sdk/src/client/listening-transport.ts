import type { ChatTransport, UIMessage, UIMessageChunk } from "ai";

export interface ListeningOptions<Message extends UIMessage> {
  /** What sends and receives, such as a `DefaultChatTransport`. */
  readonly transport: ChatTransport<Message>;
  /**
   * Milliseconds to wait after a failure before it listens again, doubled with each that follows,
   * to a minute at most. @default 2000
   */
  readonly retryMs?: number;
}

/** A transport through which an idle chat is told of results. */
export interface ListeningTransport<Message extends UIMessage> extends ChatTransport<Message> {
  /**
   * Shows what comes while nobody writes, until the transport is closed. Call it once for a chat,
   * in the place of `resume: true`; and again after `close`, as an effect of React does.
   */
  listen(chat: { resumeStream(): Promise<void>; readonly status: string }): Promise<void>;
  /** Ends listening. */
  close(): void;
}

/**
 * A transport whose `reconnectToStream` asks again and again, where the server answers 204 when
 * there is nothing yet. What comes is shown behind the answer that is being streamed, if any.
 */
export function listeningTransport<Message extends UIMessage>({
  transport,
  retryMs = 2_000,
}: ListeningOptions<Message>): ListeningTransport<Message> {
  let closed = new AbortController();
  let sending: Promise<void> = Promise.resolve();

  async function reconnect(
    options: Parameters<ChatTransport<Message>["reconnectToStream"]>[0],
  ): Promise<ReadableStream<UIMessageChunk> | null> {
    const { abortSignal } = options;
    const until = AbortSignal.any([closed.signal, ...(abortSignal ? [abortSignal] : [])]);
    for (let delayMs = retryMs; !until.aborted; ) {
      try {
        const stream = await transport.reconnectToStream({ ...options, abortSignal: until });
        delayMs = retryMs;
        if (stream !== null) {
          await sending;
          return stream;
        }
      } catch {
        // A server that restarts, or a network that is away: nothing is lost by asking later.
        await pause(delayMs, until);
        delayMs = longer(delayMs);
      }
    }
    return null;
  }

  return {
    sendMessages: async (options) => {
      const over = Promise.withResolvers<void>();
      sending = over.promise;
      try {
        return whenRead(await transport.sendMessages(options), over.resolve);
      } catch (error) {
        over.resolve();
        throw error;
      }
    },
    reconnectToStream: reconnect,
    async listen(chat) {
      if (closed.signal.aborted) closed = new AbortController();
      const { signal } = closed;
      for (let delayMs = retryMs; !signal.aborted; ) {
        await chat.resumeStream();
        const failed = chat.status === "error";
        // A chat whose `stop` ends this at once must not keep us busy either.
        await pause(failed ? delayMs : soonMs, signal);
        delayMs = failed ? longer(delayMs) : retryMs;
      }
    },
    close() {
      closed.abort();
      transport.close?.();
    },
  };
}

const soonMs = 10;

function longer(delayMs: number): number {
  return Math.min(2 * delayMs, 60_000);
}

/** The same stream; calls back when it has been read to its end, or its reader has left. */
function whenRead<Chunk>(stream: ReadableStream<Chunk>, read: () => void): ReadableStream<Chunk> {
  const reader = stream.getReader();
  // The reader has yet to take note of the last chunk.
  const soon = (): void => void setTimeout(read);
  return new ReadableStream<Chunk>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) return controller.enqueue(value);
        controller.close();
        soon();
      } catch (error) {
        controller.error(error);
        soon();
      }
    },
    async cancel(reason) {
      soon();
      await reader.cancel(reason);
    },
  });
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", stop);
      resolve();
    };
    const timer = setTimeout(stop, delayMs);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
