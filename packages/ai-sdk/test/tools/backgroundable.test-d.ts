import { type InferToolInput, type InferToolOutput, tool } from "ai";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import type { Background, BackgroundFlag, TaskStarted } from "../../src/index.ts";

declare const background: Background;

const slow = tool({
  inputSchema: z.object({ question: z.string() }),
  execute: async ({ question }) => ({ answer: question }),
});

const optional = background.backgroundable(slow);
expectTypeOf<InferToolInput<typeof optional>>().toEqualTypeOf<
  { question: string } & BackgroundFlag
>();
expectTypeOf<InferToolOutput<typeof optional>>().toEqualTypeOf<{ answer: string } | TaskStarted>();

const always = background.backgroundable(slow, { mode: "always", graceMs: 5 });
expectTypeOf<InferToolInput<typeof always>>().toEqualTypeOf<{ question: string }>();
expectTypeOf<InferToolOutput<typeof always>>().toEqualTypeOf<{ answer: string } | TaskStarted>();
