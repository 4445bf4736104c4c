import { describe, expect, test } from "vitest";
import { createRunner, tellingOf } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, research, say, scripted } from "../support/model.ts";
import { savers } from "../support/savers.ts";
import { openThread } from "../support/thread.ts";

async function all(stream: AsyncIterable<unknown>): Promise<unknown[]> {
  const chunks: unknown[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

describe.for(savers)("with $name", ({ open, missing }) => {
  test
    .skipIf(missing)
    .each(["values", "updates", "messages", "custom", "debug", "checkpoints", "tasks"] as const)(
    "a stream of %s is what the graph gives, and what it told is acknowledged",
    async (streamMode) => {
      await using thread = openThread();
      await using opened = await open();
      const { manager, config, session } = thread;
      const graph = buildGraph({ manager, model: scripted(), saver: opened.saver });
      const runner = createRunner(graph, { manager });
      await thread.settle("tides");

      const chunks = await all(await runner.stream(say("hi"), { ...config, streamMode }));
      const isOpen = tellingOf(manager).isOpen("thread-1");
      const other = { configurable: { thread_id: "thread-2" } };
      const plain = await all(await graph.stream(say("hi"), { ...other, streamMode }));

      expect(isOpen).toBe(false);
      expect(chunks.length).toBeGreaterThanOrEqual(plain.length);
      expect(lines(await savedMessages(graph, config))).toEqual([
        "human:hi",
        "told:tides",
        "ai:ok",
      ]);
      expect((await session.notifications.receive()).notifications).toEqual([]);
    },
  );
});

test("several modes at once are told apart", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  const streamMode = ["updates", "values"];
  const chunks = await all(await runner.stream(say("hi"), { ...config, streamMode }));

  const modes = chunks.map((chunk) => (Array.isArray(chunk) ? chunk[0] : undefined));
  expect(modes).toEqual(["values", "updates", "values", "updates", "values"]);
});

test("the turn lasts until the stream was read to its end", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted({ text: "one" }, { text: "two" }) });
  const runner = createRunner(graph, { manager });

  const stream = await runner.stream(say("a"), { ...config, streamMode: "values" });
  const next = runner.invoke(say("b"), config);
  const chunks = await all(stream);
  const { messages } = await next;

  expect(lines((chunks.at(-1) as { messages: [] }).messages)).toEqual(["human:a", "ai:one"]);
  expect(lines(messages)).toEqual(["human:a", "ai:one", "human:b", "ai:two"]);
});

test("a stream that is left ends its turn, and what was not saved is still owed", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const never = Promise.withResolvers<void>();
  const graph = buildGraph({ manager, model: scripted(), before: () => never.promise });
  const runner = createRunner(graph, { manager });
  await thread.settle("tides");

  for await (const _ of await runner.stream(say("hi"), { ...config, streamMode: "updates" })) break;
  never.resolve();
  await session.turn(() => {});

  expect(session.notifications.pending()).toBe(1);
  await runner.wake("thread-1");
  expect(
    lines(await savedMessages(graph, config)).filter((line) => line === "told:tides"),
  ).toHaveLength(1);
  expect(session.notifications.pending()).toBe(0);
});

test("a stream that nobody reads does not keep the manager from closing, and ends with an error", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const runner = createRunner(graph, { manager });
  const stream = await runner.stream(say("hi"), { ...config, streamMode: "values" });

  await manager.close();

  await expect(all(stream)).rejects.toThrow();
});

test("a stream is aborted by its signal, and its turn ends, though nobody reads", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted() });
  const runner = createRunner(graph, { manager });
  const stop = new AbortController();
  await runner.stream(say("hi"), { ...config, signal: stop.signal });

  stop.abort();

  await expect(session.turn(() => "free")).resolves.toBe("free");
});

test("what the graph throws reaches the reader, and the turn ends", async () => {
  await using thread = openThread();
  const { manager, config, session } = thread;
  const graph = buildGraph({ manager, model: scripted({ fails: "model down" }) });
  const runner = createRunner(graph, { manager });

  await expect(all(await runner.stream(say("hi"), config))).rejects.toThrow("model down");

  await expect(session.turn(() => "free")).resolves.toBe("free");
});

test("parallel calls and a tool's error are streamed, and told behind all of their answers", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  const bad = { name: "research", args: { topic: 7 } };
  const unknown = { name: "no_such_tool" };
  const model = scripted({ calls: [...(research("tides").calls ?? []), bad, unknown] });
  const graph = buildGraph({ manager, model });
  const runner = createRunner(graph, { manager });
  await thread.settle("moon");

  const chunks = await all(await runner.stream(say("go"), { ...config, streamMode: "values" }));

  const said = lines((chunks.at(-1) as { messages: [] }).messages);
  expect(said.slice(0, 4)).toEqual([
    "human:go",
    "told:moon",
    "ai:call(research,research,no_such_tool)",
    "tool:started",
  ]);
  expect(said[4]).toContain("INVALID_INPUT");
  expect(said[5]).toContain("no_such_tool");
  expect(said[6]).toBe("ai:ok");
});
