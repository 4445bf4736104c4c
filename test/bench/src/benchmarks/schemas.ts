import type { Benchmark, Measures } from "../harness/benchmark.ts";

/** What the tools of a session take of every model call: names, descriptions and schemas. */
export const benchmark: Benchmark = {
  title: "Tools of a session, in tokens (o200k) of their names, descriptions and schemas as JSON",
  rounds: 1,
  contenders: { tools: count },
  lines: [
    {
      what: "the six constant tools",
      unit: "",
      ours: { contender: "tools", measure: "constant" },
    },
    {
      what: "with `run_command` and `download`",
      unit: "",
      ours: { contender: "tools", measure: "all" },
      goal: { atMost: 1_000, of: "value" },
    },
  ],
};

async function count(): Promise<Measures> {
  const { BackgroundManager, command, download } = await import("@meanwhile/core");
  const { countTokens } = await import("gpt-tokenizer/encoding/o200k_base");
  const manager = new BackgroundManager();
  const session = manager.session("chat");
  const tokens = (definitions: Parameters<typeof session.tools>[0]): number =>
    countTokens(
      JSON.stringify(
        session
          .tools(definitions)
          .map(({ name, description, inputSchema }) => ({ name, description, inputSchema })),
      ),
    );
  const constant = tokens({ definitions: [] });
  const all = tokens({ definitions: [command, download] });
  await manager.close();
  return { constant, all };
}
