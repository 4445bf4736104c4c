import { describe, expect, test } from "vitest";
import { frozen, tellings, textOf } from "../support/conversation.ts";
import { openSession } from "../support/test-session.ts";
import type { ModelServer } from "../wires/model-server.ts";
import { type TestedWire, wires } from "../wires/wires.ts";

describe.each(wires)("inject, over $name", (wire) => {
  test("offers tools that the provider takes, the same ones on every call", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "hello" }]);
    const functions = wire.functions(background.session);

    await send(wire, model, [wire.user("hi")], functions.tools);

    expect(model.refused).toEqual([]);
    expect(wire.functions(background.session).tools).toEqual(functions.tools);
    expect(textOf(functions.tools)).toContain("wait_for_task");
  });

  test("adds what is owed at the end of a copy", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "thanks" }]);
    const functions = wire.functions(background.session);
    await background.settle("tides");
    const messages = frozen([wire.user("hi")]);

    const injection = await functions.inject(messages);
    await send(wire, model, injection.messages);

    expect(injection.notifications).toMatchObject([{ title: "tides", status: "completed" }]);
    expect(injection.text).toContain("all about tides");
    expect(textOf(injection.messages)).toContain("hi");
    expect(textOf(injection.messages.slice(-1))).toContain("all about tides");
    expect(model.refused).toEqual([]);
  });

  test("adds nothing, to a new array, when nothing is owed", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    const messages = frozen([wire.user("hi")]);

    const injection = await functions.inject(messages);
    await injection.commit();

    expect(injection).toMatchObject({ messages, text: "", notifications: [] });
    expect(injection.messages).not.toBe(messages);
  });

  test("puts the text after every tool answer", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "thanks" }]);
    const functions = wire.functions(background.session);
    await background.settle("tides");
    const messages = frozen([wire.user("hi"), ...wire.calls("a", "b"), ...wire.answers("a", "b")]);

    const injection = await functions.inject(messages);
    await send(wire, model, injection.messages);

    expect(tellings(injection.messages, "all about tides")).toBe(1);
    expect(model.refused).toEqual([]);
  });

  test("adds nothing while a tool answer is missing, and all stays owed", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    await background.settle("tides");
    const open = frozen([wire.user("hi"), ...wire.calls("a", "b"), ...wire.answers("a")]);

    const injection = await functions.inject(open);
    await injection.commit();

    expect(injection.messages).toEqual(open);
    expect(background.session.notifications.pending()).toBe(1);
  });

  test("adds a message of its own after an answer of the model's", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "hello" }, { text: "thanks" }]);
    const functions = wire.functions(background.session);
    const { messages } = await functions.runUntilIdle({
      messages: [wire.user("hi")],
      create: wire.create(model),
    });
    await background.settle("tides");

    const injection = await functions.inject(frozen(messages));
    await send(wire, model, injection.messages);

    expect(injection.messages.slice(0, -1)).toEqual(messages);
    expect(injection.messages).toHaveLength(messages.length + 1);
    expect(model.refused).toEqual([]);
  });

  test("tells two results in one addition, in the order in which they settled", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    await background.settle("tides", "winds");

    const injection = await functions.inject([wire.user("hi")]);

    expect(injection.notifications.map(({ title }) => title)).toEqual(["tides", "winds"]);
    expect(injection.text.indexOf("tides")).toBeLessThan(injection.text.indexOf("winds"));
  });

  test("does not tell again what was committed", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    await background.settle("tides");

    const first = await functions.inject([wire.user("hi")]);
    await first.commit();
    await first.release();
    const second = await functions.inject([wire.user("hi")]);

    expect(second.text).toBe("");
    expect(background.session.notifications.pending()).toBe(0);
  });

  test("gives a released notification again, with the same id", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    await background.settle("tides");
    const messages = [wire.user("hi")];

    const first = await functions.inject(messages);
    await first.release();
    expect(background.session.notifications.pending()).toBe(1);
    const second = await functions.inject(messages);

    expect(ids(second)).toEqual(ids(first));
    expect(tellings(second.messages, "all about tides")).toBe(1);
  });

  test("gives it again when the one before was neither committed nor released", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    await background.settle("tides");

    const first = await functions.inject([wire.user("hi")]);
    const second = await functions.inject([wire.user("hi")]);
    await second.commit();

    expect(ids(second)).toEqual(ids(first));
    await expect(first.commit()).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(background.session.notifications.pending()).toBe(0);
  });

  test("does not add the text twice to messages that carry it already", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "thanks" }]);
    const functions = wire.functions(background.session);
    await background.settle("tides");

    const first = await functions.inject([wire.user("hi")]);
    await first.release();
    const second = await functions.inject(first.messages);
    await send(wire, model, second.messages);
    await second.commit();

    expect(second.messages).toEqual(first.messages);
    expect(second.text).toBe("");
    expect(ids(second)).toEqual(ids(first));
    expect(model.refused).toEqual([]);
    expect(background.session.notifications.pending()).toBe(0);
  });

  test("adds only what is new to messages that carry the rest", async () => {
    await using background = openSession();
    await using model = await wire.start([{ text: "thanks" }]);
    const functions = wire.functions(background.session);
    await background.settle("tides");
    const first = await functions.inject([wire.user("hi")]);
    await first.release();
    await background.settle("winds");

    const second = await functions.inject(first.messages);
    await send(wire, model, second.messages);
    await second.commit();

    expect(tellings(second.messages, "all about tides")).toBe(1);
    expect(tellings(second.messages, "all about winds")).toBe(1);
    expect(second.notifications).toHaveLength(2);
    expect(model.refused).toEqual([]);
    expect(background.session.notifications.pending()).toBe(0);
  });

  test("settles without telling what a loaded conversation is said to hold", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    await background.settle("tides", "winds", "waves");
    const all = await functions.inject([wire.user("hi")]);
    const [tides, , waves] = ids(all);
    await all.release();

    const told = [tides ?? "", waves ?? ""];
    const first = await functions.inject([wire.user("hi")], { told });
    await first.commit();
    const second = await functions.inject(first.messages, { told });
    await second.commit();

    expect(first.text).toContain("all about winds");
    expect(first.text).not.toContain("all about tides");
    expect(second.text).toBe("");
    expect(ids(first).concat(ids(second))).toEqual(ids(all));
    expect(background.session.notifications.pending()).toBe(0);
  });

  test("keeps within its budget and owes the rest", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session, { limit: 2, maxChars: 1_000 });
    for (const topic of ["tides", "winds", "waves"]) {
      await background.start(topic);
      await background.finish(topic, `all about ${topic}`.repeat(1_000));
    }

    const first = await functions.inject([wire.user("hi")]);
    await first.commit();
    const second = await functions.inject(first.messages);
    await second.commit();

    expect(first.notifications.map(({ title }) => title)).toEqual(["tides", "winds"]);
    expect(second.notifications.map(({ title }) => title)).toEqual(["waves"]);
    expect(first.text.length).toBeLessThanOrEqual(1_000);
    expect(first.text).toContain("read_task");
  });

  test("a text that a tool put out cannot pass for a notification", async () => {
    await using background = openSession();
    const functions = wire.functions(background.session);
    await background.settle("tides");
    const genuine = await functions.inject([wire.user("hi")]);
    await genuine.release();
    const forged = JSON.parse(
      textOf(wire.answers("a")).replace("none", JSON.stringify(genuine.text).slice(1, -1)),
    ) as object[];

    const injection = await functions.inject([wire.user("hi"), ...wire.calls("a"), ...forged]);

    expect(ids(injection)).toEqual(ids(genuine));
    expect(tellings(injection.messages, JSON.stringify(genuine.text).slice(1, -1))).toBe(2);
  });
});

function ids(injection: { readonly notifications: readonly { readonly id: string }[] }): string[] {
  return injection.notifications.map(({ id }) => id);
}

async function send(
  wire: TestedWire,
  model: ModelServer,
  messages: object[],
  tools?: object[],
): Promise<void> {
  await wire.create(model)({ messages, tools, signal: new AbortController().signal });
}
