import type { BaseMessage } from "@langchain/core/messages";
import {
  Annotation,
  type BaseChannel,
  type OverwriteValue,
  ReducedValue,
} from "@langchain/langgraph";

/** Most ids that a thread's state keeps: the newest. */
export const mostIds = 500;

/** What is read of a thread's state. */
export interface ThreadState {
  readonly messages?: readonly BaseMessage[];
  /** Ids of the notifications that this thread was told. */
  readonly _meanwhile?: readonly string[];
}

/** What a node adds to it. */
export interface ThreadUpdate {
  readonly messages: BaseMessage[];
  readonly _meanwhile: string[];
}

/**
 * The private channel in which a thread keeps what it was told, for a `StateSchema`:
 * `new StateSchema({ messages: MessagesValue, ...meanwhileState })`.
 */
export const meanwhileState: { readonly _meanwhile: ReducedValue<string[], string[]> } = {
  _meanwhile: new ReducedValue(idList(), { inputSchema: idList(), reducer: unite }),
};

/**
 * The same for an `Annotation`:
 * `Annotation.Root({ ...MessagesAnnotation.spec, ...meanwhileAnnotation })`.
 */
export const meanwhileAnnotation: {
  readonly _meanwhile: BaseChannel<string[], string[] | OverwriteValue<string[]>>;
} = {
  _meanwhile: Annotation<string[]>({ reducer: unite, default: () => [] }),
};

/** A union, so that an id that comes twice counts once. */
function unite(known: string[], added: string[]): string[] {
  return added.length === 0 ? known : [...new Set([...known, ...added])].slice(-mostIds);
}

/** A list of texts, by default empty, as a schema that LangGraph can read without a library. */
function idList(): ConstructorParameters<typeof ReducedValue<string[], string[]>>[0] {
  const json = { type: "array", items: { type: "string" }, default: [] };
  return {
    "~standard": {
      version: 1,
      vendor: "meanwhile",
      validate(value: unknown) {
        if (value === undefined) return { value: [] };
        return isIdList(value) ? { value } : { issues: [{ message: "must be a list of texts" }] };
      },
      jsonSchema: { input: () => json, output: () => json },
    },
  };
}

export function isIdList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === "string");
}
