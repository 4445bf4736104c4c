import { generateText, isStepCount, type LanguageModel, streamText, ToolLoopAgent, tool } from "ai";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import type { Background } from "../../src/index.ts";

declare const background: Background;
declare const model: LanguageModel;

const weather = tool({
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => ({ city, degrees: 20 }),
});
const tools = { weather };
const call = { model, tools, prompt: "go", stopWhen: isStepCount(3) };

type Output = { city: string; degrees: number };

{
  const { toolResults } = await generateText({ ...call, ...background.attach() });
  for (const one of toolResults) if (!one.dynamic) expectTypeOf(one.output).toEqualTypeOf<Output>();
}
{
  const { toolResults } = streamText({ ...call, ...background.attach() });
  for (const one of await toolResults) {
    if (!one.dynamic) expectTypeOf(one.output).toEqualTypeOf<Output>();
  }
}
{
  const { toolResults } = await generateText({ ...call, ...background.prepareStep() });
  for (const one of toolResults) if (!one.dynamic) expectTypeOf(one.output).toEqualTypeOf<Output>();
}
{
  const agent = new ToolLoopAgent({ model, tools });
  const { toolResults } = await agent.generate({ prompt: "go", ...background.attach() });
  for (const one of toolResults) if (!one.dynamic) expectTypeOf(one.output).toEqualTypeOf<Output>();
  await agent.stream({ prompt: "go", ...background.attach({ onStepEnd: ({ text }) => text }) });
}
