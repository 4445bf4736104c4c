import type { Notification, Session } from "@meanwhile/core";
import {
  type AddedMessage,
  type ChatResponse,
  type ChatTool,
  type ModelRequest,
  openaiChat,
  type RunEvent,
} from "@meanwhile/functions";
import type { Conversation, Message } from "./conversation.ts";
import type { Model } from "./model.ts";
import type { SpokenLine } from "./user.ts";

export interface AgentOptions {
  readonly session: Session;
  readonly model: Model;
  readonly conversation: Conversation;
  readonly user: AsyncGenerator<SpokenLine, undefined, undefined>;
  /** Works as an agent without background tasks: one tool call at a time, until its result is there. */
  readonly inSequence: boolean;
  /** Ends it in whatever it does; the conversation stays valid. */
  readonly signal: AbortSignal;
  readonly onEvent: (event: AgentEvent) => void;
}

export type AgentEvent =
  | { readonly type: "heard"; readonly line: SpokenLine }
  | { readonly type: "news"; readonly notification: Notification }
  | { readonly type: "called"; readonly tool: string; readonly input: string }
  | { readonly type: "said"; readonly text: string }
  | { readonly type: "thinking"; readonly isThinking: boolean };

const longestToolMs = 10 * 60_000;

/**
 * Talks with the user until the user has left, no task is open and nothing is owed.
 * @throws the signal's reason
 */
export async function converse(options: AgentOptions): Promise<void> {
  const { session, conversation, user, inSequence, signal, onEvent } = options;
  // The whole difference: a tool of the blocking agent answers when its work is done.
  const tools = session.tools({ graceMs: inSequence ? longestToolMs : 0 });
  const chat = openaiChat(session, { tools });
  const loop = { ...modelOf(options), told: conversation.told, signal };

  for (let nextLine = listen(user); ; ) {
    // A turn answers what there is: the user's line, news, or what an interruption left open.
    const { messages } = conversation;
    await session.turn(() => chat.runTurn({ ...loop, messages }), { signal });
    signal.throwIfAborted();
    const occasion = await lineOrNews(nextLine, session, signal);
    if (occasion === "news") continue;
    if (occasion === "left") break;
    conversation.hear(occasion.text);
    onEvent({ type: "heard", line: occasion });
    nextLine = listen(user);
  }
  await chat.runUntilIdle({ ...loop, messages: conversation.messages });
  signal.throwIfAborted();
}

/** How the loop calls the model, and where what is said goes. */
function modelOf({ model, conversation, inSequence, onEvent }: AgentOptions) {
  return {
    create: ({ messages, tools, signal }: ModelRequest<Message, ChatTool>) =>
      model.client.chat.completions.create(
        {
          model: model.name,
          messages,
          tools,
          ...(inSequence ? { parallel_tool_calls: false } : {}),
        },
        { signal },
      ),
    onMessage({ message, index, notifications }: AddedMessage<Message>) {
      // Saved before the notifications in it are acknowledged, so that none is lost.
      conversation.keep(message, index, notifications);
      for (const event of eventsOf(message)) onEvent(event);
    },
    onEvent(event: RunEvent<ChatResponse>) {
      if (event.type === "step-end") onEvent({ type: "thinking", isThinking: false });
      if (event.type !== "step-start") return;
      for (const notification of event.notifications) onEvent({ type: "news", notification });
      onEvent({ type: "thinking", isThinking: true });
    },
  };
}

function eventsOf(message: Message): AgentEvent[] {
  if (message.role !== "assistant") return [];
  const said = typeof message.content === "string" ? message.content : "";
  const called = (message.tool_calls ?? []).flatMap((call): AgentEvent[] =>
    call.type === "function"
      ? [{ type: "called", tool: call.function.name, input: call.function.arguments }]
      : [],
  );
  return said === "" ? called : [{ type: "said", text: said }, ...called];
}

function listen(user: AgentOptions["user"]): Promise<SpokenLine | "left"> {
  const line = user.next().then(({ done, value }) => (done ? "left" : value));
  // Nobody awaits it during a turn; the turn itself ends by the same signal.
  line.catch(() => {});
  return line;
}

/** Between two turns the agent costs nothing: it waits for whichever comes first. */
async function lineOrNews(
  nextLine: Promise<SpokenLine | "left">,
  session: Session,
  signal: AbortSignal,
): Promise<SpokenLine | "left" | "news"> {
  const over = new AbortController();
  const news = session.notifications.wait({ signal: AbortSignal.any([signal, over.signal]) });
  try {
    return await Promise.race([nextLine, news.then(() => "news" as const)]);
  } finally {
    over.abort();
  }
}
