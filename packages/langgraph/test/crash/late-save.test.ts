import { type BaseCheckpointSaver, MemorySaver } from "@langchain/langgraph";
import { expect, test } from "vitest";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, say, scripted, tellings } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

/**
 * A database that says of the first checkpoint with something told that it was not saved, and saves
 * it all the same: when the next run has read the one before, and has saved nothing itself.
 */
function savingLate(): { readonly saver: BaseCheckpointSaver; failed(): void } {
  const saver = new MemorySaver();
  const get = saver.getTuple.bind(saver);
  const put = saver.put.bind(saver);
  const looked = Promise.withResolvers<void>();
  let late: (() => Promise<unknown>) | undefined;
  let reads = Number.NEGATIVE_INFINITY;
  saver.getTuple = async (config) => {
    reads += 1;
    const found = await get(config);
    if (reads === 1) await late?.();
    if (reads === 2) looked.resolve();
    return found;
  };
  saver.put = async (...given) => {
    const { _meanwhile: told = [] } = given[1].channel_values as { _meanwhile?: string[] };
    if (late === undefined && told.length > 0) {
      late = () => put(...given);
      throw new Error("the connection is gone");
    }
    if (reads >= 1) await looked.promise;
    return put(...given);
  };
  return {
    saver,
    failed() {
      reads = 0;
    },
  };
}

test("what another line of the thread has saved is told in this one, though it was saved last", async () => {
  await using thread = openThread();
  const { manager, config } = thread;
  await thread.settle("tides");
  const { saver, failed } = savingLate();
  const graph = buildGraph({ manager, model: scripted(), saver });

  await expect(graph.invoke(say("hi"), { ...config, durability: "sync" })).rejects.toThrow("gone");
  failed();
  await graph.invoke(say("again"), { ...config, durability: "async" });

  expect(tellings(lines(await savedMessages(graph, config)), "tides")).toBe(1);
});
