import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { TaskContext } from "../../src/index.ts";
import { MeanwhileError } from "../../src/index.ts";
import { createWorld, storeKinds, type World } from "../support/world.ts";

const throwing = {
  get message(): string {
    throw new Error("no message for you");
  },
  get code(): string {
    throw new Error("no code for you");
  },
};
const { proxy: revoked, revoke } = Proxy.revocable({}, {});
revoke();
const cycle: { self?: unknown } = {};
cycle.self = cycle;
const nameless = new Error("");
class Custom {
  readonly value = 1;
}

/** What a task throws, and what its record says about it. */
const thrown: readonly (readonly [string, unknown, string, RegExp])[] = [
  ["undefined", undefined, "ERROR", /threw undefined instead of an Error/],
  ["null", null, "ERROR", /threw null instead of an Error/],
  ["a text", "out of paper", "ERROR", /threw "out of paper" instead of an Error/],
  ["a symbol", Symbol("s"), "ERROR", /threw Symbol\(s\)/],
  ["a BigInt", 10n, "ERROR", /threw 10 instead/],
  ["an Error without a message", nameless, "ERROR", /without a message/],
  [
    "an Error with a code",
    Object.assign(new Error("gone"), { code: "ENOENT" }),
    "ENOENT",
    /^gone$/,
  ],
  ["an Error with an odd code", Object.assign(new Error("x"), { code: {} }), "ERROR", /^x$/],
  ["an object whose getters throw", throwing, "ERROR", /cannot be read/],
  ["an object without a prototype", Object.create(null), "ERROR", /cannot be read/],
  ["a revoked proxy", revoked, "ERROR", /cannot be read/],
  ["what looks like an error of ours", { isMeanwhileError: true, code: 5 }, "ERROR", /./],
  ["a message that is no text", { message: { toString: 5 } }, "ERROR", /cannot be read/],
  ["a very long message", new Error("x".repeat(1_000_000)), "ERROR", /^x{4000}…$/],
  [
    "an error of ours with details that are not JSON",
    new MeanwhileError("ERROR", "odd details", {
      details: { big: 1n, cycle, kept: 1, nan: Number.NaN } as never,
    }),
    "ERROR",
    /^odd details$/,
  ],
];

/** What a task returns that cannot be stored. */
const unserialisable: readonly (readonly [string, unknown, RegExp])[] = [
  ["a BigInt", 1n, /is a BigInt; give it as a string/],
  ["a cycle", cycle, /refers back to an object that holds it/],
  ["a Map", new Map([[1, 2]]), /is a Map; give Object\.fromEntries/],
  ["a Set in an object", { found: new Set() }, /found is a Set/],
  ["a function", () => {}, /is a function/],
  ["an instance of a class", new Custom(), /an instance of Custom; give a plain object/],
  ["NaN", { ratio: Number.NaN }, /ratio is NaN/],
  ["bytes", new Uint8Array(2), /binary data; write it to a file/],
  ["5 MB", "x".repeat(5_000_000), /larger than \d+ bytes of JSON\. Write large data to a file/],
  [
    "a getter that throws",
    {
      a: 1,
      get b() {
        throw new Error("no");
      },
    },
    /reading it as JSON threw/,
  ],
];

describe.each(storeKinds)("with %s", (kind) => {
  let world: World;
  beforeEach(async () => {
    world = await createWorld(kind);
  });
  afterEach(() => world[Symbol.asyncDispose]());

  async function settledBy(work: (context: TaskContext) => unknown) {
    const session = world.manager().session("s");
    const task = await session.start(work);
    await session.notifications.wait();
    const delivery = await session.notifications.receive();
    return { task, session, snapshot: await task.snapshot(), delivery };
  }

  describe.each(thrown)("a task that throws %s", (_what, value, code, message) => {
    const works = {
      "at once": () => {
        throw value;
      },
      "by rejecting": () => Promise.reject(value),
    };
    test.each(Object.keys(works) as (keyof typeof works)[])(
      "%s has failed and says why",
      async (how) => {
        const { task, snapshot, delivery } = await settledBy(works[how]);
        expect(snapshot.status).toBe("failed");
        expect(snapshot.error).toMatchObject({ code, message: expect.stringMatching(message) });
        expect(delivery.notifications).toMatchObject([{ kind: "failed", error: { code } }]);
        await expect(task.result()).rejects.toMatchObject({ name: "MeanwhileError", code });
      },
    );
  });

  test("details that JSON cannot write are left out, the others are kept", async () => {
    const [, value] = thrown.at(-1) as (typeof thrown)[number];
    const { snapshot } = await settledBy(() => {
      throw value;
    });
    expect(snapshot.error?.details).toEqual({ kept: 1 });
  });

  test.each(unserialisable)(
    "a task that returns %s has failed with NOT_SERIALIZABLE",
    async (_what, value, message) => {
      const { snapshot, delivery } = await settledBy(() => value);
      expect(snapshot).toMatchObject({
        status: "failed",
        output: undefined,
        error: { code: "NOT_SERIALIZABLE", message: expect.stringMatching(message) },
      });
      expect(delivery.notifications).toHaveLength(1);
    },
  );

  test("what tasks threw leaves no slot taken", async () => {
    const manager = world.manager({ limits: { concurrency: 1, perSession: { concurrency: 1 } } });
    const session = manager.session("s");
    const tasks = [
      ...thrown.map(
        ([, value]) =>
          () =>
            Promise.reject(value),
      ),
      ...unserialisable.map(
        ([, value]) =>
          () =>
            value,
      ),
    ];
    for (const work of tasks) await session.start(work as () => unknown);
    const last = await session.start(() => "reached");
    expect(await last.result()).toBe("reached");
  });
});
