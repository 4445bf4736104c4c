import { describe, expect, test } from "vitest";
import { createRunner } from "../../src/index.ts";
import { buildGraph, savedMessages } from "../support/graph.ts";
import { lines, research, say, scripted, tellings } from "../support/model.ts";
import { durabilities, savers } from "../support/savers.ts";
import { openThread } from "../support/thread.ts";

describe.for(savers)("with $name", ({ open, missing }) => {
  describe.for(durabilities)("and durability %s", (durability) => {
    test.skipIf(missing)("a result enters the next run once, and is acknowledged", async () => {
      await using thread = openThread();
      await using opened = await open();
      const model = scripted(research("tides", "moon"), { text: "waiting" });
      const { manager, config, session } = thread;
      const graph = buildGraph({ manager, model, saver: opened.saver });
      const runner = createRunner(graph, { manager, config: { durability } });

      await runner.invoke(say("go"), config);
      await thread.finish("moon");
      await thread.finish("tides");
      const { messages } = await runner.invoke(say("and?"), config);
      await runner.invoke(say("again?"), config);

      expect(lines(messages)).toEqual([
        "human:go",
        "ai:call(research,research)",
        "tool:started",
        "tool:started",
        "ai:waiting",
        "human:and?",
        "told:moon,tides",
        "ai:ok",
      ]);
      const saved = lines(await savedMessages(graph, config));
      expect([tellings(saved, "moon"), tellings(saved, "tides")]).toEqual([1, 1]);
      expect(session.notifications.pending()).toBe(0);
      expect((await session.notifications.receive()).notifications).toEqual([]);
    });

    test.skipIf(missing)(
      "what a failed model call was told is neither lost nor told twice",
      async () => {
        await using thread = openThread();
        await using opened = await open();
        const model = scripted({ fails: "model down" });
        const { manager, config, session } = thread;
        const graph = buildGraph({ manager, model, saver: opened.saver });
        const runner = createRunner(graph, { manager, config: { durability } });
        await thread.settle("tides");

        await expect(runner.invoke(say("go"), config)).rejects.toThrow("model down");
        await runner.invoke(say("retry"), config);

        const saved = lines(await savedMessages(graph, config));
        expect(tellings(saved, "tides")).toBe(1);
        expect(
          lines(model.calls.at(-1)?.messages ?? []).filter((line) => line === "told:tides"),
        ).toHaveLength(1);
        expect((await session.notifications.receive()).notifications).toEqual([]);
      },
    );
  });
});
