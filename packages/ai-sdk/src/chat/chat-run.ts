import type { BackgroundManager, ReceiveOptions, Session, TurnContext } from "@meanwhile/core";
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
  /** The turn that it is in already; of a run that ends after one. @default it takes turns */
  readonly within?: TurnContext;
}

export interface RunningChat<Message extends UIMessage> {
  /**
   * Resolves when the turn has begun and the model is called; with undefined when there was nothing
   * to say.
   */
  readonly begun: Promise<ChatStream<Message> | undefined>;
  /** Settles when all is over: the message, if any, was handed to `onEnd`. */
  readonly ended: Promise<void>;
}

type ChatStream<Message extends UIMessage> = ReadableStream<InferUIMessageChunk<Message>>;

/** Runs until idle, as one message of a chat. */
export function chatRun<Message extends UIMessage>(
  manager: BackgroundManager,
  session: Session,
  receiveOptions: ReceiveOptions,
  options: ChatRun<Message>,
): RunningChat<Message> {
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
  let saved: Promise<void> | undefined;
  let tasks: ShownTasks | undefined;
  let isErrorShown = false;

  const ended = run();
  ended.then(() => begun.resolve(undefined), begun.reject);
  begun.promise.catch(() => {});
  over.promise.catch(() => {});
  return { begun: begun.promise, ended };

  async function run(): Promise<void> {
    const { once, within, signal } = options;
    if (!once) return converse(session.turn);
    if (within !== undefined) return converse(async (work) => work(within));
    try {
      // The one turn is kept until the message is saved, so that the next one finds it.
      await session.turn(
        (context) => converse(async (work) => work(context)),
        signal === undefined ? {} : { signal },
      );
    } catch (error) {
      // It gave up waiting for its turn.
      if (!signal?.aborted || error !== signal.reason) throw error;
    }
  }

  async function converse(turn: Session["turn"]): Promise<void> {
    try {
      const { reason } = await runTurns({
        ...options,
        session,
        telling,
        turn,
        wait: (work) => work(),
        before: [],
        load,
        call,
        turnEnded: async () => {},
      });
      await tasks?.close();
      if (reason === "aborted") write?.({ type: "abort" });
      write?.({ type: "finish" });
      over.resolve();
    } catch (error) {
      over.reject(error);
      throw error;
    } finally {
      await tasks?.close();
      if (saved === undefined) {
        const told = new Set(toldInChat(chat));
        await telling.settle((id) => told.has(id));
        await telling.release();
      }
      await saved;
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
    saved = ours.pipeTo(new WritableStream()).catch(() => {});
    begun.resolve(theirs);
  }
}

/** The AI SDK makes a data part of its first chunk, and changes that later. */
function copies<Chunk extends object>(): TransformStream<Chunk, Chunk> {
  return new TransformStream({ transform: (chunk, copied) => copied.enqueue({ ...chunk }) });
}
