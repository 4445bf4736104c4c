import { describe, expect, test } from "vitest";
import { frozen, tellings } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import { watchRun } from "../support/watch-run.ts";
import { wires } from "../wires/wires.ts";

const promise =
  "13. Past history is never rewritten: a result enters as a new message, in an order every provider accepts";

const research = (topic: string) => ({ id: topic, name: "research", input: { topic } });

describe.each(wires)(`${promise} ($name)`, (wire) => {
  test("every request begins with the one before, to the letter, and none is refused", async () => {
    await using background = openSession();
    await using model = await wire.start([
      { calls: [research("tides"), research("winds")] },
      { calls: [{ id: "list", name: "list_tasks", input: {} }] },
      { text: "Both run." },
      { text: "One is done." },
      { text: "Both are done." },
    ]);
    const run = watchRun();
    const running = wire.functions(background.session).runUntilIdle({
      messages: frozen([wire.user("look up the tides and the winds")]),
      create: wire.create(model),
      onEvent: run.onEvent,
    });
    await run.reached("wait-start");
    await background.finish("tides");
    await run.reached("wait-start", 2);
    await background.finish("winds");
    const { messages, reason } = await running;

    const sent = model.accepted.map((body) => wire.conversation(body));
    expect(sent.length).toBe(5);
    for (const [index, conversation] of sent.entries()) {
      const before = sent[index - 1] ?? [];
      expect(conversation.slice(0, before.length)).toEqual(before);
    }
    expect(JSON.parse(JSON.stringify(messages)).slice(0, sent[4]?.length)).toEqual(sent[4]);
    expect(tellings(messages, "all about tides")).toBe(1);
    expect(tellings(messages, "all about winds")).toBe(1);
    expect(model.refused).toEqual([]);
    expect(reason).toBe("idle");
  });
});
