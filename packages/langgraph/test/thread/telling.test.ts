import { AIMessage, HumanMessage, ToolMessage } from "@langchain/core/messages";
import { memoryStore } from "@meanwhile/core";
import { expect, test } from "vitest";
import {
  meanwhileState,
  type ThreadState,
  tellingOf,
  threadSession,
  toldIn,
} from "../../src/index.ts";
import { lines } from "../support/model.ts";
import { openThread } from "../support/thread.ts";

/** The state behind an update. */
function after(state: ThreadState, update: ThreadState | undefined): ThreadState {
  return {
    messages: [...(state.messages ?? []), ...(update?.messages ?? [])],
    _meanwhile: [...(state._meanwhile ?? []), ...(update?._meanwhile ?? [])],
  };
}

const calls = new AIMessage({
  content: "",
  tool_calls: [
    { type: "tool_call", id: "a", name: "x", args: {} },
    { type: "tool_call", id: "b", name: "x", args: {} },
  ],
});
const answered = (id: string): ToolMessage => new ToolMessage({ content: "", tool_call_id: id });

test.each([
  ["no call is answered", [calls], false],
  ["one of two is", [calls, answered("a")], false],
  ["a message stands behind open calls", [calls, new HumanMessage("hi")], false],
  ["both are", [calls, answered("a"), answered("b")], true],
  ["the thread has gone on since", [calls, new HumanMessage("hi"), new AIMessage("ok")], true],
  ["there is nothing", [], true],
] as const)("when %s, a thread is told: %s", async (_, messages, isTold) => {
  await using thread = openThread();
  const telling = tellingOf(thread.manager);
  await thread.settle("tides");

  const update = await telling.drain(thread.session, { messages });

  expect(update !== undefined).toBe(isTold);
  expect(thread.session.notifications.pending()).toBe(isTold ? 0 : 1);
});

test("there is one telling for each manager", async () => {
  await using one = openThread();
  await using other = openThread();

  expect(tellingOf(one.manager)).toBe(tellingOf(one.manager));
  expect(tellingOf(one.manager)).not.toBe(tellingOf(other.manager));
});

test("copies of the code, such as one in another package, share it", async () => {
  await using thread = openThread();
  const copy = "../../src/thread/telling.ts?copy";
  const other = (await import(copy)) as { tellingOf: typeof tellingOf };

  expect(other.tellingOf).not.toBe(tellingOf);
  expect(other.tellingOf(thread.manager)).toBe(tellingOf(thread.manager));
});

test("what was saved is acknowledged and what was not is given back, however often that is said", async () => {
  await using thread = openThread();
  const { manager, session } = thread;
  const telling = tellingOf(manager);
  await thread.settle("tides");
  const first = await telling.drain(session, {});
  await thread.settle("moon");
  const second = await telling.drain(session, after({}, first));
  const saved = toldIn(after({}, first));

  await Promise.all([telling.settle(session, saved), telling.settle(session, saved)]);
  await telling.settle(session, saved);

  expect(lines(second?.messages ?? [])).toEqual(["told:moon"]);
  expect(session.notifications.pending()).toBe(1);
  expect(telling.isOpen(session.id)).toBe(false);
  expect(lines((await telling.drain(session, after({}, first)))?.messages ?? [])).toEqual([
    "told:moon",
  ]);
});

test("a drain of another runner while one is under way tells nothing twice", async () => {
  await using thread = openThread();
  const { manager, session } = thread;
  await thread.settle("tides", "moon");

  const updates = await Promise.all([
    tellingOf(manager).drain(session, {}),
    tellingOf(manager).drain(session, {}),
  ]);

  const told = updates.flatMap((update) => lines(update?.messages ?? []));
  expect(told).toEqual(["told:tides,moon"]);
});

test("a lease that another process took over is no error, and what is saved is not told again", async () => {
  const store = memoryStore();
  await using thread = openThread({ store });
  const { manager, session, clock } = thread;
  const telling = tellingOf(manager);
  await thread.settle("tides");
  const update = await telling.drain(session, {}, { receive: { leaseMs: 1_000 } });
  const state = after({}, update);
  await clock.advance(1_000);
  const other = await session.notifications.receive();

  await telling.settle(session, toldIn(state));
  await other.release();
  expect(await telling.drain(session, state)).toBeUndefined();
  await telling.settle(session, toldIn(state));

  expect(other.notifications).toHaveLength(1);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("a lease that lapsed while a long run went on is received again, not told again, and acknowledged", async () => {
  await using thread = openThread();
  const { manager, session, clock } = thread;
  const telling = tellingOf(manager);
  await thread.settle("tides");
  const state = after({}, await telling.drain(session, {}, { receive: { leaseMs: 1_000 } }));
  await clock.advance(1_000);

  expect(session.notifications.pending()).toBe(1);
  expect(await telling.drain(session, state)).toBeUndefined();
  await telling.settle(session, toldIn(state));

  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("what a step was given that was lost is given to the same step again, and to a later one", async () => {
  await using thread = openThread();
  const { manager, session } = thread;
  const telling = tellingOf(manager);
  const at = (checkpointId: string, taskId: string): object => ({
    config: { executionInfo: { checkpointId, taskId } },
  });
  await thread.settle("tides");
  const told = async (place: object): Promise<string[]> =>
    lines((await telling.drain(session, {}, place))?.messages ?? []);

  expect(await told(at("1", "drain"))).toEqual(["told:tides"]);
  expect(await told(at("1", "another node"))).toEqual([]);
  expect(await told(at("1", "drain"))).toEqual(["told:tides"]);
  expect(await told(at("2", "drain"))).toEqual(["told:tides"]);
  expect(session.notifications.pending()).toBe(0);
});

test("a state keeps the newest 500 ids, and those that it dropped are acknowledged all the same", async () => {
  await using thread = openThread();
  const { manager, session, research } = thread;
  const telling = tellingOf(manager);
  const { reducer } = meanwhileState._meanwhile;
  const quick = { ...research, name: "quick", run: () => "" };
  const count = 520;
  const all = Promise.withResolvers<void>();
  let left = count;
  session.notifications.subscribe(() => {
    left -= 1;
    if (left === 0) all.resolve();
  });
  for (let index = 0; index < count; index += 1) await session.start(quick, { topic: "x" });
  await all.promise;
  let ids: string[] = [];
  for (;;) {
    const update = await telling.drain(session, { _meanwhile: ids });
    if (update === undefined) break;
    ids = reducer(ids, update._meanwhile);
  }

  await telling.settle(session, ids);

  expect(ids).toHaveLength(500);
  expect(session.notifications.pending()).toBe(0);
  expect((await session.notifications.receive()).notifications).toEqual([]);
});

test("when the manager has closed, a drain says so, and nothing that settles throws", async () => {
  await using thread = openThread();
  const { manager, session } = thread;
  const telling = tellingOf(manager);
  await thread.settle("tides");
  const update = await telling.drain(session, {});
  await manager.close();

  await telling.settle(session, toldIn(after({}, update)));

  await expect(telling.drain(session, {})).rejects.toMatchObject({ code: "CLOSED" });
});

test.each([undefined, {}, { configurable: {} }, { configurable: { thread_id: "" } }])(
  "a configuration without a thread, %o, is refused in a sentence",
  async (config) => {
    await using thread = openThread();

    expect(() => threadSession(thread.manager, config)).toThrow(/thread_id.*checkpointer/);
  },
);

test("a thread's id may be a number", async () => {
  await using thread = openThread();

  expect(threadSession(thread.manager, { configurable: { thread_id: 7 } }).id).toBe("7");
});
