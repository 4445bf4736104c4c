import type { Benchmark } from "../harness/benchmark.ts";
import { paceOf } from "../work/five-tools.ts";

/** Beside `agent`, a whole framework: chat storage, streams, tools of a real loop. */
export const benchmark: Benchmark = {
  title: "An agent of the AI SDK with five tools of 2 s, model calls of 0.5 s (timers), streamed",
  rounds: 1,
  prepare: async ({ prepared }) => {
    const { installMastra } = await import("../work/mastra.ts");
    installMastra(prepared);
    return undefined;
  },
  contenders: {
    async ideal({ quick }) {
      const { criticalPath } = await import("../work/five-tools.ts");
      return { seconds: (await criticalPath(paceOf(quick))) / 1_000, calls: 6 };
    },
    async blocking({ quick }) {
      const { measureAgent, research } = await import("../work/five-tools.ts");
      const { isStepCount, jsonSchema, streamText, tool } = await import("ai");
      const pace = paceOf(quick);
      const tools = {
        research: tool({
          inputSchema: jsonSchema<{ topic: number }>(topicSchema),
          execute: (input) => research(input, pace),
        }),
      };
      return measureAgent(pace, async (model) => {
        const { stream } = streamText({ model, tools, prompt: "go", stopWhen: isStepCount(20) });
        for await (const _ of stream);
      });
    },
    async meanwhile({ folder, quick }) {
      const { measureAgent, research } = await import("../work/five-tools.ts");
      const { createBackground } = await import("@meanwhile/ai-sdk");
      const { defineTask } = await import("@meanwhile/core");
      const { sqliteStore } = await import("@meanwhile/core/sqlite");
      const { openManager } = await import("../work/open-manager.ts");
      const { isStepCount, streamText } = await import("ai");
      const pace = paceOf(quick);
      const definition = defineTask({
        name: "research",
        description: "Looks something up.",
        input: topicSchema,
        run: (input: { topic: number }) => research(input, pace),
      });
      const store = sqliteStore({ path: `${folder}/state.db` });
      const manager = await openManager(folder, 8, { store, tasks: [definition] });
      return measureAgent(pace, async (model, thread) => {
        const background = createBackground(manager, { session: thread });
        const tools = background.tools();
        const stream = await background.streamUntilIdle({
          messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "go" }] }],
          tools,
          stream: (call) => streamText({ model, tools, stopWhen: isStepCount(20), ...call }),
        });
        for await (const _ of stream ?? []);
      });
    },
    async mastra({ folder, prepared, quick }) {
      const { mastraAgent, whyNoMastra } = await import("../work/mastra.ts");
      const skipped = whyNoMastra(prepared);
      if (skipped !== undefined) return { skipped };
      const { measureAgent, research } = await import("../work/five-tools.ts");
      const pace = paceOf(quick);
      let agent: ReturnType<typeof mastraAgent> | undefined;
      return measureAgent(pace, async (model, thread) => {
        const execute = (input: { topic: number }) => research(input, pace);
        agent ??= mastraAgent(prepared, model, execute, `${folder}/mastra.db`);
        const memory = { thread, resource: "bench" };
        const { fullStream } = await agent.stream("go", { memory, untilIdle: true, maxSteps: 20 });
        for await (const _ of fullStream);
      });
    },
  },
  lines: [
    {
      what: "until the last result is reported, SQLite FULL",
      unit: "s",
      ours: { contender: "meanwhile", measure: "seconds" },
      beside: { name: "the critical path", contender: "ideal", measure: "seconds" },
      goal: { atMost: 1.01 },
    },
    {
      what: "until the last result is reported, SQLite FULL",
      unit: "s",
      ours: { contender: "meanwhile", measure: "seconds" },
      beside: { name: "blocking tools", contender: "blocking", measure: "seconds" },
    },
    {
      what: "until the last result is reported, SQLite FULL",
      unit: "s",
      ours: { contender: "meanwhile", measure: "seconds" },
      beside: { name: "Mastra's `untilIdle` on libsql", contender: "mastra", measure: "seconds" },
    },
    {
      what: "calls of the model for that",
      unit: "",
      ours: { contender: "meanwhile", measure: "calls" },
      beside: { name: "Mastra's `untilIdle` on libsql", contender: "mastra", measure: "calls" },
    },
  ],
};

const topicSchema = {
  type: "object" as const,
  properties: { topic: { type: "number" as const } },
  required: ["topic"],
};
