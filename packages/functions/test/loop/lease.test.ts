import { describe, expect, test } from "vitest";
import { tellings } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import { watchRun } from "../support/watch-run.ts";
import { wires } from "../wires/wires.ts";

describe.each(wires)("a lease that runs out while the model is called, over $name", (wire) => {
  test("does not end the run, and what comes back is not told again", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "I see." }]);
    const slow = Promise.withResolvers<void>();
    model.gate = slow.promise;
    const run = watchRun();
    await background.settle("tides");
    const functions = wire.functions(background.session, { leaseMs: 1_000 });

    const running = functions.runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
      onEvent: run.onEvent,
    });
    await run.reached("step-start");
    await background.clock.advance(1_001);
    const other = await background.session.notifications.receive();
    slow.resolve();
    await run.reached("step-end");
    await other.release();
    const result = await running;
    const again = await functions.inject(result.messages);
    await again.commit();

    expect(other.notifications).toHaveLength(1);
    expect(result.reason).toBe("idle");
    expect(tellings(again.messages, "all about tides")).toBe(1);
    expect(background.session.notifications.pending()).toBe(0);
  });
});
