import { MemorySaver } from "@langchain/langgraph";
import { createAgent } from "langchain";
import { describe, expect, test } from "vitest";
import { durabilities } from "../../../langgraph/test/support/savers.ts";
import { createRunner, meanwhileMiddleware } from "../../src/index.ts";
import { say } from "../support/agent.ts";
import { brief, scripted } from "../support/model.ts";
import { openThread, tellings } from "../support/thread.ts";

const methods = ["getTuple", "put", "putWrites"] as const;

/** A saver that works until its call of this number, and not any more until it is mended. */
function failingFrom(number: number): { saver: MemorySaver; mend(): void; readonly calls: number } {
  const saver = new MemorySaver();
  let calls = 0;
  let limit = number;
  for (const method of methods) {
    const intact = saver[method].bind(saver) as (...given: unknown[]) => Promise<unknown>;
    Object.assign(saver, {
      [method]: async (...given: unknown[]) => {
        calls += 1;
        if (calls >= limit) throw new Error("the disk is gone");
        return intact(...given);
      },
    });
  }
  return {
    saver,
    mend: () => {
      limit = Number.POSITIVE_INFINITY;
    },
    get calls() {
      return calls;
    },
  };
}

const most = 60;

describe.each(durabilities)("with durability %s", (durability) => {
  test.each(["end", "park"] as const)(
    `whichever call of its checkpointer a thread loses, nothing is started or told twice (idle: "%s")`,
    async (idle) => {
      for (let number = 1; number <= most; number += 1) {
        await using thread = openThread();
        const disk = failingFrom(number);
        const script = scripted(
          { calls: [{ name: "research", args: { topic: "tides" } }] },
          ...Array.from({ length: 9 }, (_, index) => ({ text: `answer ${index}` })),
        );
        const agent = createAgent({
          model: script.model,
          middleware: [meanwhileMiddleware({ ...thread, idle })],
          checkpointer: disk.saver,
        });
        const runner = createRunner(agent, { ...thread, config: { durability } });
        const config = { ...thread.config, durability };

        await runner.invoke(say("go"), config).catch(() => {});
        const started = (await thread.session.list()).length > 0;
        if (started) {
          await thread.finish("tides");
          await runner.wake(thread.session.id).catch(() => {});
        }
        disk.mend();
        await runner.wake(thread.session.id);
        await runner.invoke(say("again"), config);
        await runner.wake(thread.session.id);

        const { values } = await agent.graph.getState(thread.config);
        const lines = (values.messages ?? []).map(brief);
        if (started) expect([number, tellings(lines, "tides")]).toEqual([number, 1]);
        expect((await thread.session.list()).length).toBeLessThanOrEqual(1);
        await thread.clock.advance(3_600_000);
        expect([number, thread.session.notifications.pending()]).toEqual([number, 0]);
        if (number > disk.calls) return;
      }
      throw new Error("The checkpointer is called more often than this test knows.");
    },
  );
});
