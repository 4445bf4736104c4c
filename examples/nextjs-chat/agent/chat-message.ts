import type { TaskDataParts } from "@meanwhile/ai-sdk";
import type { UIMessage } from "ai";

/** Messages that a page lacks: they take the place of all behind that with the id, or of all. */
export type Missed = { readonly after: string | null; readonly messages: ChatMessage[] };

export type ChatMessage = UIMessage<unknown, TaskDataParts & { readonly missed: Missed }>;
