import { readFileSync, renameSync, writeFileSync } from "node:fs";
import type OpenAI from "openai";

export type Message = OpenAI.ChatCompletionMessageParam;

/** What must outlive the process beside the manager's store, which keeps the tasks and the news. */
export interface Conversation {
  readonly messages: readonly Message[];
  /** Ids of the notifications that the messages hold: they are not told a second time. */
  readonly told: readonly string[];
  /** How many of the messages are the user's own lines. */
  readonly lines: number;
  /** Adds what the user says. */
  hear(text: string): void;
  /** Adds a message of a turn, and the notifications that it tells. */
  keep(message: Message, index: number, notifications: readonly { readonly id: string }[]): void;
}

interface Saved {
  readonly messages: Message[];
  readonly told: string[];
  lines: number;
}

/** The conversation in the file, or a new one. Without a file it is kept in memory alone. */
export function openConversation(file?: string): Conversation {
  const saved = load(file);
  answerCutOffCalls(saved.messages);

  function save(): void {
    if (file === undefined) return;
    // Renamed into place: whoever kills us in the middle finds the old file or the new one, whole.
    writeFileSync(`${file}.new`, JSON.stringify(saved), { mode: 0o600 });
    renameSync(`${file}.new`, file);
  }

  return {
    messages: saved.messages,
    told: saved.told,
    get lines() {
      return saved.lines;
    },
    hear(text) {
      saved.messages.push({ role: "user", content: text });
      saved.lines += 1;
      save();
    },
    keep(message, index, notifications) {
      saved.messages[index] = message;
      saved.told.push(...notifications.map(({ id }) => id));
      save();
    },
  };
}

function load(file: string | undefined): Saved {
  try {
    if (file !== undefined) return JSON.parse(readFileSync(file, "utf8")) as Saved;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  return { messages: [], told: [], lines: 0 };
}

/**
 * A process that was killed between a tool call and its answer leaves a conversation that no
 * provider takes. Whether the call took effect is not known here, so that is what the model is told.
 */
function answerCutOffCalls(messages: Message[]): void {
  const asked = messages.findLastIndex(({ role }) => role === "assistant");
  const message = messages[asked];
  if (message?.role !== "assistant") return;
  const answers = messages.slice(asked).filter(({ role }) => role === "tool");
  for (const { id } of message.tool_calls?.slice(answers.length) ?? []) {
    const content =
      "Interrupted: the process was restarted before this call was answered. It may have taken " +
      "effect; list_tasks shows what was started.";
    messages.push({ role: "tool", tool_call_id: id, content });
  }
}
