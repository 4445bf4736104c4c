import { MemorySaver } from "@langchain/langgraph";
import { BackgroundManager } from "@meanwhile/core";
import { createAgent, tool } from "langchain";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import { createRunner, type IdleReason, meanwhileMiddleware } from "../../src/index.ts";

const manager = new BackgroundManager();
const weather = tool(async ({ city }) => city, {
  name: "weather",
  description: "",
  schema: z.object({ city: z.string() }),
});
const agent = createAgent({
  model: "openai:gpt-5-mini",
  tools: [weather],
  stateSchema: z.object({ user: z.string() }),
  contextSchema: z.object({ locale: z.string() }),
  middleware: [meanwhileMiddleware({ manager, idle: "end" })],
  checkpointer: new MemorySaver(),
});
const runner = createRunner(agent, { manager });
const input = { messages: [], user: "ann" };
const config = { configurable: { thread_id: "1" }, context: { locale: "de" } };

// The agent's own types, in and out.
expectTypeOf(runner.invoke).toEqualTypeOf<typeof agent.invoke>();
expectTypeOf(runner.stream).toEqualTypeOf<typeof agent.stream>();
expectTypeOf((await runner.invoke(input, config)).user).toEqualTypeOf<string>();
// What the middleware keeps is private.
expectTypeOf(await runner.invoke(input, config)).not.toHaveProperty("_meanwhile");
// @ts-expect-error The state of the agent is asked for.
await runner.invoke({ messages: [], user: 7 }, config);

const updates = await runner.stream(input, { ...config, streamMode: "updates" });
const own = await agent.stream(input, { ...config, streamMode: "updates" });
expectTypeOf(updates).toEqualTypeOf<typeof own>();

const { output, reason } = await runner.runUntilIdle(input, config, { maxTurns: 3 });
expectTypeOf(output?.user).toEqualTypeOf<string | undefined>();
expectTypeOf(reason).toEqualTypeOf<IdleReason>();
