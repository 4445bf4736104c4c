import { isStepCount, pruneMessages, streamText, ToolLoopAgent, type UIMessage } from "ai";
import type { Background, ChatRunOptions, ChatStream } from "../../src/index.ts";
import { type Host, type HostKind, type How, hostTools, toolApproval } from "./host.ts";

type Run = (
  background: Background,
  options: ChatRunOptions<UIMessage>,
) => Promise<ChatStream<UIMessage> | undefined>;

/** Hosts that keep UI messages. */
export const chatHosts: readonly HostKind[] = [
  {
    name: "streamUntilIdle",
    goesOn: true,
    aborts: true,
    streams: true,
    open: hostOf((background, options) => background.streamUntilIdle(options)),
  },
  {
    name: "streamTurn",
    aborts: true,
    streams: true,
    open: hostOf((background, options) => background.streamTurn(options)),
  },
  {
    name: "streamTurn of an agent",
    aborts: true,
    streams: true,
    open: hostOf((background, options) => background.streamTurn(options), true),
  },
  {
    name: "pushTurn",
    open: hostOf((background, { signal: _, message, ...options }) =>
      message?.role === "assistant"
        ? background.streamTurn({ ...options, message })
        : background.pushTurn({ ...options, timeoutMs: 1_000 }),
    ),
  },
  {
    name: "wakeTurn",
    open: hostOf(async (background, { signal: _, message, ...options }) => {
      if (message?.role === "assistant") return background.streamTurn({ ...options, message });
      await background.session.turn((wake) => background.wakeTurn(wake, options));
      return undefined;
    }),
  },
];

function hostOf(run: Run, isAgent = false): HostKind["open"] {
  return (background, model): Host => {
    let json = JSON.stringify([said("user", "hello"), said("assistant", "hi")]);
    const saved = (): UIMessage[] => JSON.parse(json) as UIMessage[];

    async function turn(message: UIMessage, how: How = {}): Promise<void> {
      const { signal, steps = 10, prunes = false, cannotSave = false } = how;
      const tools = hostTools(background);
      const settings = { model, tools, toolApproval, maxRetries: 0, stopWhen: isStepCount(steps) };
      const quiet = { onError: () => {} };
      const stream = await run(background, {
        messages: saved,
        message,
        tools,
        ...(signal && { signal }),
        stream(call) {
          const messages = prunes
            ? pruneMessages({ messages: call.messages, toolCalls: "all" })
            : call.messages;
          if (!isAgent) return streamText({ ...settings, ...quiet, ...call, messages });
          return new ToolLoopAgent({ ...settings, ...quiet }).stream({ ...call, messages });
        },
        onEnd({ messages }) {
          if (cannotSave) throw new Error("the disk is full");
          json = JSON.stringify(messages);
        },
      });
      await stream?.pipeTo(new WritableStream());
    }

    return {
      saved,
      ask: (text, how) => turn(said("user", text), how),
      approve: () => turn(approved(saved().at(-1))),
    };
  };
}

let count = 0;

function said(role: "user" | "assistant", text: string): UIMessage {
  count += 1;
  return { id: `said-${count}`, role, parts: [{ type: "text", text }] };
}

function approved(message: UIMessage | undefined): UIMessage {
  if (message === undefined) throw new Error("Nothing is said that could be approved.");
  const parts = message.parts.map((part) =>
    "state" in part && part.state === "approval-requested"
      ? {
          ...part,
          state: "approval-responded" as const,
          approval: { ...part.approval, approved: true },
        }
      : part,
  );
  return { ...message, parts: parts as UIMessage["parts"] };
}
