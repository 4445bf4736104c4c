import { defineTask, type ToolAnswer } from "@meanwhile/core";
import {
  generateText,
  type InferToolInput,
  type InferToolOutput,
  type LanguageModel,
  type ToolSet,
  tool,
} from "ai";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import type { Background, TaskTools } from "../../src/index.ts";

declare const background: Background;
declare const model: LanguageModel;

const research = defineTask({
  name: "research",
  description: "Looks something up.",
  input: z.object({ topic: z.string() }),
  run: ({ topic }) => topic,
});
const weather = tool({
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, degrees: 20 }),
});

const named = background.tools({ definitions: { research } });
expectTypeOf<keyof typeof named>().toEqualTypeOf<"research" | keyof TaskTools>();
expectTypeOf<InferToolInput<typeof named.research>>().toEqualTypeOf<{ topic: string }>();
expectTypeOf<InferToolOutput<typeof named.research>>().toEqualTypeOf<ToolAnswer>();
expectTypeOf<InferToolInput<typeof named.read_task>>().toEqualTypeOf<{
  task_id: string;
  after?: number;
}>();
expectTypeOf(background.tools()).toExtend<ToolSet>();
expectTypeOf(background.tools({ definitions: [research], graceMs: 5 })).toExtend<TaskTools>();

const { toolResults } = await generateText({ model, tools: { ...named, weather }, prompt: "go" });
for (const one of toolResults) {
  if (one.dynamic) continue;
  if (one.toolName === "weather") expectTypeOf(one.output.degrees).toEqualTypeOf<number>();
  if (one.toolName === "research") expectTypeOf(one.input.topic).toEqualTypeOf<string>();
}
