import {
  type BackgroundManager,
  MeanwhileError,
  type ReceiveOptions,
  type Session,
  type TurnContext,
} from "@meanwhile/core";
import {
  generateId,
  type InferUIMessageChunk,
  type ModelMessage,
  toUIMessageStream,
  type UIMessage,
} from "ai";
import type { CallResult } from "../run/conversation.ts";
import type { RunCall } from "../run/run-options.ts";
import { runTurns, type TurnOutcome } from "../run/run-turns.ts";
import { leaseMs } from "../run/run-until-idle.ts";
import { createTelling } from "../tell/telling.ts";
import { toldInChat } from "../tell/told.ts";
import type { ChatRunOptions, ChatStream } from "./chat-options.ts";
import { type GrowingMessage, growMessage } from "./growing-message.ts";
import { openTools } from "./open-tools.ts";
import { requireSteeringParts } from "./require-steering-parts.ts";
import { type ShownTasks, showTasks } from "./show-tasks.ts";
import { toModel } from "./to-model.ts";
import { withMessage } from "./with-message.ts";

export interface ChatRun<Message extends UIMessage> extends ChatRunOptions<Message> {
  /** Whether the model answers what the messages end with, or only what is owed. */
  readonly isQuestion: (messages: readonly ModelMessage[]) => boolean;
  /** Whether it ends after one turn, instead of waiting for tasks. */
  readonly once: boolean;
  /** Whether the message is a new one, also behind one of the assistant's. */
  readonly fresh: boolean;
  /** The turn that it is in already; of a run that ends after one. @default it takes turns */
  readonly within?: TurnContext;
  /** Ends the wait for a turn, but no turn that has begun: the run rejects with its reason. */
  readonly patience?: AbortSignal;
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

/** Runs until idle, as one message of a chat. */
export function chatRun<Message extends UIMessage>(
  manager: BackgroundManager,
  session: Session,
  receiveOptions: ReceiveOptions,
  options: ChatRun<Message>,
): RunningChat<Message> {
  type Chunk = InferUIMessageChunk<Message>;
  const { onError = () => "An error occurred.", tailBytes = 2_000 } = options;
  const { signal, within, patience } = options;
  const begun = Promise.withResolvers<ChatStream<Message> | undefined>();
  const toldTasks = new Set<string>();
  const unfinished = openTools(options.tools);
  const telling = createTelling(session.notifications, { leaseMs, ...receiveOptions }, (told) => {
    for (const { taskId } of told) toldTasks.add(taskId);
    tasks?.show(toldTasks);
  });
  let chat: readonly Message[] = [];
  let message: GrowingMessage<Message> | undefined;
  let tasks: ShownTasks | undefined;
  let isAbortShown = false;

  const takeTurn: Session["turn"] = async (work, turnOptions) => {
    if (within !== undefined) return work(within);
    return session.turn(work, patience === undefined ? turnOptions : { signal: patience });
  };

  const ended = run();
  ended.then(() => begun.resolve(undefined), begun.reject);
  begun.promise.catch(() => {});
  return { begun: begun.promise, ended };

  async function run(): Promise<void> {
    try {
      await requireSteeringParts();
      const { reason } = await runTurns({
        ...options,
        session,
        telling,
        turn: takeTurn,
        wait: (work) => work(),
        before: [],
        load,
        call,
        turnEnded: async () => {},
        turnOver,
      });
      await tasks?.close();
      if (reason === "aborted") showAbort();
      message?.write({ type: "finish" } as Chunk);
      message?.close();
    } catch (error) {
      await tasks?.close();
      message?.fail(error);
      throw error;
    }
  }

  async function load(left: ModelMessage[] | undefined): Promise<ModelMessage[] | undefined> {
    const { messages, tools } = options;
    const loaded = typeof messages === "function" ? await messages() : messages;
    const isNow = withMessage(loaded, options.message);
    if (left === undefined || message === undefined) {
      chat = isNow;
      return toModel(chat, tools);
    }
    // What others have said meanwhile stands behind the message, which cannot go on then.
    const known = new Set(chat.map(({ id }) => id));
    return isNow.every(({ id }) => known.has(id)) ? left : undefined;
  }

  async function call(runCall: RunCall): Promise<CallResult> {
    message ??= begin();
    const growing = message;
    growing.open();
    tasks ??= showTasks(manager, session, tailBytes, (data) =>
      growing.write({ type: "data-task", id: data.id, data } as unknown as Chunk),
    );
    tasks.show(toldTasks);
    const { stream, steps, responseMessages } = await options.stream(runCall);
    const chunks = toUIMessageStream({ stream, onError, sendStart: false, sendFinish: false });
    for await (const chunk of chunks) {
      // A run that is aborted says so once, at its end.
      if (chunk.type !== "abort") growing.write(chunk as Chunk);
      unfinished.see(chunk);
    }
    const [ended, messages] = await Promise.all([steps, responseMessages]);
    return { steps: ended, responseMessages: messages };
  }

  function begin(): GrowingMessage<Message> {
    const growing = growMessage({ generateId, ...options, onError, chat });
    begun.resolve(growing.stream);
    return growing;
  }

  /** The turn is kept until the message is saved, so that the next one finds it. */
  async function turnOver(outcome: TurnOutcome): Promise<void> {
    try {
      await tasks?.look();
      if (outcome.type === "aborted" && signal?.aborted) showAbort();
      if (message !== undefined) {
        if (outcome.type !== "done") {
          for (const chunk of unfinished.ends()) message.write(chunk as Chunk);
        }
        chat = await message.save(outcome.type === "failed" ? outcome : undefined);
      }
      const told = new Set(toldInChat(chat));
      const isKept = await telling.settle((id) => told.has(id));
      if (!isKept && outcome.type === "done") throw notKept();
    } finally {
      await telling.release();
    }
  }

  function showAbort(): void {
    if (!isAbortShown) message?.write({ type: "abort" } as Chunk);
    isAbortShown = true;
  }
}

/** Telling it again would have no end. */
function notKept(): MeanwhileError {
  return new MeanwhileError(
    "INVALID_OPTION",
    "The saved message does not hold what the model was told of background tasks, so that stays owed. Let `stream` give all parts of the AI SDK's stream, `steering-message` among them.",
  );
}
