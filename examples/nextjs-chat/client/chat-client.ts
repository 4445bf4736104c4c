import { Chat } from "@ai-sdk/react";
import { listeningTransport } from "@meanwhile/ai-sdk/client";
import { DefaultChatTransport } from "ai";
import type { ChatMessage } from "../agent/chat-message.ts";
import { createFeed, type FeedStore } from "./chat-feed.ts";
import { positionOf, withMissed } from "./missed-messages.ts";
import { createTurnGate } from "./turn-gate.ts";

export interface ChatClient {
  readonly chat: Chat<ChatMessage>;
  readonly feed: FeedStore;
  /** Shows what comes, until what it gives is called. */
  readonly open: () => () => void;
}

/** A chat that is told of results while it is idle, and of what other pages on it say. */
export function createChatClient(id: string, messages: ChatMessage[]): ChatClient {
  const gate = createTurnGate();
  const feed = createFeed(id, gate.ring);
  /** The last message when the page asked what it misses. */
  let askedBehind: string | undefined;
  // What the user has said since then would be dropped: the page asks again.
  const isLate = (): boolean => chat.messages.at(-1)?.id !== askedBehind;
  const http = new DefaultChatTransport<ChatMessage>({
    api: "/api/chat",
    // The server has the others.
    prepareSendMessagesRequest: ({ messages }) => {
      const message = messages.findLast(({ role }) => role === "user");
      return { body: { id, message } };
    },
    prepareReconnectToStreamRequest() {
      askedBehind = chat.messages.at(-1)?.id;
      return { api: `/api/chat/${id}/stream?${positionOf(chat.messages)}` };
    },
  });
  const transport = listeningTransport<ChatMessage>({
    // The gate holds it back while the server is away.
    retryMs: 250,
    transport: {
      sendMessages(options) {
        gate.setSending(true);
        return http.sendMessages(options);
      },
      async reconnectToStream(options) {
        await gate.wait(options.abortSignal);
        const stream = await http.reconnectToStream(options);
        if (stream === null || !isLate()) return stream;
        gate.ring();
        await stream.cancel();
        return null;
      },
    },
  });
  const chat: Chat<ChatMessage> = new Chat<ChatMessage>({
    id,
    messages,
    transport,
    experimental_queue: true,
    onFinish: () => gate.setSending(false),
    onData(part) {
      if (part.type !== "data-missed") return;
      if (isLate()) gate.ring();
      else chat.messages = withMissed(chat.messages, part.data);
    },
  });

  return {
    chat,
    feed,
    open() {
      const disconnect = feed.connect();
      void transport.listen(chat);
      return () => {
        disconnect();
        transport.close();
      };
    },
  };
}
