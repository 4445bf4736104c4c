import type { BackgroundManager, ReceiveOptions, Session, TurnContext } from "@meanwhile/core";
import type { UIMessage } from "ai";
import { endsWithNews } from "../tell/ending.ts";
import type { ChatRunOptions, ChatStream } from "./chat-options.ts";
import { chatRun } from "./chat-run.ts";

export interface WakeTurnOptions<Message extends UIMessage>
  extends Omit<ChatRunOptions<Message>, "message" | "signal" | "maxTurns" | "maxIdleMs"> {
  /** Called with the message's stream when the model is called, to show it. @default it is not shown */
  readonly onStream?: (stream: ChatStream<Message>) => void;
}

/** Answers what the chat is owed, in a new message of the assistant and in the turn of a wake. */
export async function wakeTurn<Message extends UIMessage>(
  manager: BackgroundManager,
  session: Session,
  receiveOptions: ReceiveOptions,
  within: TurnContext,
  options: WakeTurnOptions<Message>,
): Promise<void> {
  const { onStream, ...rest } = options;
  const { begun, ended } = chatRun(manager, session, receiveOptions, {
    ...rest,
    isQuestion: endsWithNews,
    once: true,
    fresh: true,
    within,
  });
  const stream = await begun;
  if (stream !== undefined && onStream !== undefined) onStream(stream);
  else void stream?.cancel().catch(() => {});
  await ended;
}
