import { type ToolSet, tool } from "ai";
import type { MockLanguageModelV4 } from "ai/test";
import { z } from "zod";
import type { Background } from "../../src/index.ts";

/**
 * A chat as an application has it: it begins with "hello" and "hi", saves what was said as JSON,
 * and loads that for what comes next.
 */
export interface Host {
  /**
   * A turn: of the user's, or what the chat does by itself where the user says nothing. Whether it
   * rejects when something fails, or shows that in the chat, is the host's.
   */
  ask(text: string, how?: How): Promise<void>;
  /** Answers yes to what waits for an approval, and goes on. */
  approve(): Promise<void>;
  /** What is saved. */
  saved(): unknown[];
}

export interface How {
  readonly signal?: AbortSignal;
  /** Most steps of a call. @default 10 */
  readonly steps?: number;
  /** Sends the model no tool calls of before. */
  readonly prunes?: boolean;
  /** The storage fails. */
  readonly cannotSave?: boolean;
}

export interface HostKind {
  readonly name: string;
  open(background: Background, model: MockLanguageModelV4): Host;
  /** It calls the model again for what came with the last answer. */
  readonly goesOn?: boolean;
  /** What it does may be aborted. */
  readonly aborts?: boolean;
  /** The model's answers are streams. */
  readonly streams?: boolean;
}

/** The session's tools, one that needs an approval, and one that never ends by itself. */
export function hostTools(background: Background): ToolSet {
  const inputSchema = z.object({});
  return {
    ...background.tools(),
    deploy: tool({ inputSchema, execute: async () => "deployed" }),
    hang: tool({
      inputSchema,
      execute: (_, { abortSignal }) =>
        new Promise((_resolve, reject) => {
          abortSignal?.addEventListener("abort", () => reject(abortSignal.reason));
        }),
    }),
  };
}

export const toolApproval = { deploy: "user-approval" } as const;
