import type { BackgroundManager, ReceiveOptions, Session } from "@meanwhile/core";
import { requireTimer } from "@meanwhile/core/adapters";
import type { UIMessage } from "ai";
import { endsWithNews } from "../tell/ending.ts";
import type { ChatRunOptions, ChatStream } from "./chat-options.ts";
import { chatRun } from "./chat-run.ts";
import { requireSteeringParts } from "./require-steering-parts.ts";

export interface PushOptions<Message extends UIMessage>
  extends Omit<ChatRunOptions<Message>, "message" | "signal" | "maxTurns" | "maxIdleMs"> {
  /** Ends the wait: the signal of the request. What has begun runs to its end, and is saved. */
  readonly signal?: AbortSignal;
  /** Most milliseconds to wait, less than any proxy does. @default 25000 */
  readonly timeoutMs?: number;
}

/** How soon to look again for a chat that is owed something which cannot be told yet. */
const lookAgainMs = 1_000;

/**
 * Waits until the chat is owed something, and answers it in a new message of the assistant.
 * Resolves with the message's stream when the model is called, and with undefined when the time is
 * over or the signal has aborted.
 */
export async function pushTurn<Message extends UIMessage>(
  manager: BackgroundManager,
  session: Session,
  receiveOptions: ReceiveOptions,
  options: PushOptions<Message>,
): Promise<ChatStream<Message> | undefined> {
  const { signal, timeoutMs = 25_000, ...rest } = options;
  requireTimer("timeoutMs", timeoutMs);
  await requireSteeringParts();
  const until = AbortSignal.any([
    AbortSignal.timeout(Math.ceil(timeoutMs)),
    ...(signal === undefined ? [] : [signal]),
  ]);
  try {
    for (;;) {
      await session.notifications.wait({ signal: until });
      const run = { ...rest, isQuestion: endsWithNews, once: true, fresh: true, patience: until };
      const stream = await chatRun(manager, session, receiveOptions, run).begun;
      if (stream !== undefined) return stream;
      // Whoever had the turn before has told it all; or it waits for an approval, say, of which no
      // notification tells.
      if (session.notifications.pending() > 0) await pause(until);
    }
  } catch (error) {
    if (until.aborted && error === until.reason) return undefined;
    throw error;
  }
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, lookAgainMs);
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
  });
}
