import { expect, test } from "vitest";
import { BackgroundManager } from "../../src/index.ts";

const odd: readonly (readonly [string, readonly unknown[], RegExp])[] = [
  ["store", [null, {}, "state.db", Promise.resolve({})], /store must be a store/],
  ["commands", [null, {}, "npm test", ["npm"]], /commands must be a command policy/],
  ["directory", [null, "", 5, "a\0b"], /directory must be the path of a folder/],
  ["redact", [null, "secret", [5], [undefined]], /redact must be a list of texts/],
  ["tasks", [null, {}, "job"], /tasks must be a list of definitions/],
  ["owner", [null, "", 5, "n".repeat(201), "a\0b", "\ud800"], /owner must be a text of 1 to 200/],
];

test.each(odd)("an odd %s is refused", (option, values, message) => {
  for (const value of values) {
    expect(() => new BackgroundManager({ [option]: value })).toThrow(
      expect.objectContaining({
        name: "MeanwhileError",
        code: "INVALID_OPTION",
        message: expect.stringMatching(message),
      }),
    );
  }
});

test("an option that is undefined is none", async () => {
  const options = Object.fromEntries(odd.map(([option]) => [option, undefined]));
  await using manager = new BackgroundManager(options);
  expect(await (await manager.session("s").start(() => "works")).result()).toBe("works");
});
