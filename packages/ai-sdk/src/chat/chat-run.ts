import type { BackgroundManager, ReceiveOptions, Session } from "@meanwhile/core";
import {
  convertToModelMessages,
  createUIMessageStream,
  generateId as defaultGenerateId,
  type InferUIMessageChunk,
  type ModelMessage,
  toUIMessageStream,
  type UIMessage,
  type UIMessageChunk,
} from "ai";
import type { CallResult } from "../run/conversation.ts";
import type { RunCall } from "../run/run-options.ts";
import { runTurns } from "../run/run-turns.ts";
import { leaseMs } from "../run/run-until-idle.ts";
import { createTelling } from "../tell/telling.ts";
import { toldInChat } from "../tell/told.ts";
import type { ChatRunOptions } from "./chat-options.ts";
import { type ShownTasks, showTasks } from "./show-tasks.ts";

export interface ChatRun<Message extends UIMessage> extends ChatRunOptions<Message> {
  /** Whether the model answers what the messages end with, or only what is owed. */
  readonly isQuestion: (messages: readonly ModelMessage[]) => boolean;
  /** Whether it ends after one turn, instead of waiting for tasks. */
  readonly once: boolean;
  /** Whether the message is a new one, also behind one of the assistant's. */
  readonly fresh: boolean;
}

type ChatStream<Message extends UIMessage> = ReadableStream<InferUIMessageChunk<Message>>;

/**
 * Runs until idle, as one message of a chat. Resolves when the turn has begun and the model is
 * called; with undefined when there was nothing to say.
 */
export async function chatRun<Message extends UIMessage>(
  manager: BackgroundManager,
  session: Session,
  receiveOptions: ReceiveOptions,
  options: ChatRun<Message>,
): Promise<ChatStream<Message> | undefined> {
  const begun = Promise.withResolvers<ChatStream<Message> | undefined>();
  const over = Promise.withResolvers<void>();
  const { onError = () => "An error occurred.", tailBytes = 2_000 } = options;
  const toldTasks = new Set<string>();
  const telling = createTelling(session.notifications, { leaseMs, ...receiveOptions }, (told) => {
    for (const { taskId } of told) toldTasks.add(taskId);
    tasks?.show(toldTasks);
  });
  let chat: readonly Message[] = [];
  let write: ((chunk: UIMessageChunk) => void) | undefined;
  let tasks: ShownTasks | undefined;
  let isErrorShown = false;

  try {
    void run().then(over.resolve, over.reject);
    over.promise.catch(begun.reject);
    return await begun.promise;
  } finally {
    over.promise.catch(() => {});
  }

  async function run(): Promise<void> {
    try {
      const { reason } = await runTurns({
        ...options,
        session,
        telling,
        turn: session.turn,
        wait: (work) => work(),
        before: [],
        load,
        call,
        turnEnded: async () => {},
      });
      await tasks?.close();
      if (reason === "aborted") write?.({ type: "abort" });
      write?.({ type: "finish" });
      begun.resolve(undefined);
    } finally {
      await tasks?.close();
      if (write === undefined) {
        const told = new Set(toldInChat(chat));
        await telling.settle((id) => told.has(id));
        await telling.release();
      }
    }
  }

  async function load(): Promise<ModelMessage[]> {
    const { messages, tools } = options;
    chat = typeof messages === "function" ? await messages() : messages;
    return convertToModelMessages([...chat], tools === undefined ? {} : { tools });
  }

  async function call(runCall: RunCall): Promise<CallResult> {
    if (write === undefined) open();
    const { stream, steps, responseMessages } = await options.stream(runCall);
    const chunks = toUIMessageStream({ stream, onError, sendStart: false, sendFinish: false });
    for await (const chunk of chunks) {
      if (chunk.type === "error") isErrorShown = true;
      // A run that is aborted says so once, at its end.
      if (chunk.type !== "abort") write?.(chunk);
    }
    const [ended, messages] = await Promise.all([steps, responseMessages]);
    return { steps: ended, responseMessages: messages };
  }

  function open(): void {
    const { generateId = defaultGenerateId, fresh } = options;
    const stream = createUIMessageStream<Message>({
      generateId,
      onError,
      ...(fresh ? {} : { originalMessages: [...chat] }),
      async execute({ writer }) {
        write = (chunk) => writer.write(chunk as InferUIMessageChunk<Message>);
        // Before any part, so that those belong to the new message.
        write({ type: "start" });
        tasks = showTasks(manager, session, tailBytes, (data) =>
          write?.({ type: "data-task", id: data.id, data }),
        );
        tasks.show(toldTasks);
        try {
          await over.promise;
        } catch (error) {
          if (!isErrorShown) throw error;
          writer.setOutcome?.({ status: "failed", error });
        }
      },
      async onEnd(event) {
        try {
          const messages = fresh ? [...chat, event.responseMessage] : event.messages;
          await options.onEnd?.({ ...event, messages });
          const told = new Set(toldInChat(messages));
          await telling.settle((id) => told.has(id));
        } finally {
          await telling.release();
        }
      },
    });
    // Read to its end here, so that the message is saved also when its reader leaves.
    const [theirs, ours] = stream.pipeThrough(copies<InferUIMessageChunk<Message>>()).tee();
    void ours.pipeTo(new WritableStream()).catch(() => {});
    begun.resolve(theirs);
  }
}

/** The AI SDK makes a data part of its first chunk, and changes that later. */
function copies<Chunk extends object>(): TransformStream<Chunk, Chunk> {
  return new TransformStream({ transform: (chunk, copied) => copied.enqueue({ ...chunk }) });
}
