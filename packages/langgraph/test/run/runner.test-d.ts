import type { BaseMessage } from "@langchain/core/messages";
import {
  Annotation,
  END,
  MemorySaver,
  MessagesAnnotation,
  MessagesValue,
  START,
  StateGraph,
  StateSchema,
} from "@langchain/langgraph";
import { BackgroundManager } from "@meanwhile/core";
import { expectTypeOf } from "vitest";
import { z } from "zod";
import {
  createNodes,
  createRunner,
  graphTask,
  meanwhileAnnotation,
  meanwhileState,
} from "../../src/index.ts";

const manager = new BackgroundManager();
const nodes = createNodes(manager);

// A runner's methods have the graph's own types.
const State = new StateSchema({
  messages: MessagesValue,
  topic: z.string().optional(),
  ...meanwhileState,
});
const graph = new StateGraph(State)
  .addNode("drain", nodes.drainNotifications)
  .addNode("wait", nodes.waitForTasks)
  .addNode("park", nodes.parkForTasks)
  .addEdge(START, "drain")
  .addConditionalEdges("drain", nodes.routeAfterDrain, { model: "wait", wait: "wait", [END]: END })
  .compile({ checkpointer: new MemorySaver() });
const runner = createRunner(graph, { manager });
const thread = { configurable: { thread_id: "a" } };

const given = await runner.invoke({ messages: [], topic: "tides" }, thread);
expectTypeOf(given.messages).toEqualTypeOf<BaseMessage[]>();
expectTypeOf(given.topic).toEqualTypeOf<string | undefined>();
expectTypeOf(given._meanwhile).toEqualTypeOf<string[]>();
// @ts-expect-error a topic is a text
await runner.invoke({ messages: [], topic: 7 }, thread);

expectTypeOf(runner.stream).toEqualTypeOf<typeof graph.stream>();
const { output, reason } = await runner.runUntilIdle({ messages: [] }, thread, { maxTurns: 2 });
expectTypeOf(output?.messages).toEqualTypeOf<BaseMessage[] | undefined>();
expectTypeOf(reason).toExtend<string>();

// An Annotation takes the same nodes.
const Annotated = Annotation.Root({ ...MessagesAnnotation.spec, ...meanwhileAnnotation });
expectTypeOf<(typeof Annotated)["State"]["_meanwhile"]>().toEqualTypeOf<string[]>();
new StateGraph(Annotated)
  .addNode("drain", nodes.drainNotifications)
  .addNode("wait", nodes.waitForTasks)
  .addEdge(START, "drain");

// Names of nodes are known to the routes.
const renamed = createNodes(manager, { names: { model: "think", wait: "rest" } });
expectTypeOf(renamed.routeAfterDrain).returns.resolves.toEqualTypeOf<
  "think" | "rest" | typeof END
>();
expectTypeOf(renamed.routeAfterModel).returns.resolves.toEqualTypeOf<
  "tools" | "drain" | "rest" | typeof END
>();

// A graph's task has the input of its schema and the output of its result.
const session = manager.session("a");
const plain = graphTask({ name: "a", description: "A.", manager: () => manager, graph });
expectTypeOf(await (await session.start(plain, { prompt: "x" })).result()).toEqualTypeOf<string>();
const mapped = graphTask({
  name: "b",
  description: "B.",
  manager: () => manager,
  graph,
  input: z.object({ count: z.number().default(1) }),
  toInput({ count }) {
    expectTypeOf(count).toEqualTypeOf<number>();
    return { messages: [] };
  },
  result: () => ({ total: 1 }),
});
expectTypeOf(await (await session.start(mapped, {})).result()).toEqualTypeOf<{ total: number }>();
// @ts-expect-error an input of its own wants to be mapped
graphTask({ name: "c", description: "C.", manager: () => manager, graph, input: z.object({}) });
