import type { DynamicStructuredTool } from "@langchain/core/tools";
import { BackgroundManager } from "@meanwhile/core";
import { createAgent, tool } from "langchain";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { backgroundable } from "../../src/index.ts";

const manager = new BackgroundManager();
const weather = tool(async ({ city }) => ({ city, degrees: 21 }), {
  name: "weather",
  description: "",
  schema: z.object({ city: z.string() }),
});

const optional = backgroundable(weather, { manager });
const always = backgroundable(weather, { manager, mode: "always", graceMs: 100 });

// The name stays, so that an agent knows the tool.
expectTypeOf(optional.name).toEqualTypeOf<"weather">();
expectTypeOf(always.name).toEqualTypeOf<"weather">();
expectTypeOf(always).toExtend<DynamicStructuredTool>();
createAgent({ model: "openai:gpt-5-mini", tools: [optional, always] });

// The output is the tool's own, or says that a task runs.
expectTypeOf(await always.invoke({ city: "Rome" })).toEqualTypeOf<
  string | { city: string; degrees: number }
>();
// The flag is part of the input where the model may decide.
await optional.invoke({ city: "Rome", background: true });
// @ts-expect-error No such mode.
backgroundable(weather, { manager, mode: "never" });
