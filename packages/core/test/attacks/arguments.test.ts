import { describe, expect, it } from "vitest";
import { command } from "../../src/index.ts";
import { type Attacked, openAttacked } from "./attacked.ts";
import { watched } from "./watched.ts";

/** Linux's limit for one argument, its final NUL included. */
const argumentBytes = 131_072;

describe("an argument of 128 KiB", () => {
  it.each([
    ["ASCII", "y".repeat(argumentBytes - 1)],
    ["two bytes a character", `y${"ä".repeat((argumentBytes - 2) / 2)}`],
  ])("is refused before anything is stored or started, in %s", async (_, long) => {
    await using attacked = await openAttacked();
    for (const input of [
      { argv: ["echo", long] },
      { argv: ["echo"], env: { LONG: long } },
      { shell: long },
    ]) {
      const refused = attacked.session.start(command, input);
      await expect(refused).rejects.toMatchObject({
        code: "INVALID_INPUT",
        message: expect.stringContaining("Write it to a file"),
      });
    }
    await expectNothingStored(attacked);
  });

  it("less one byte is given to the program as it is", async () => {
    await using attacked = await openAttacked();
    const longest = "y".repeat(argumentBytes - 2);
    const task = await attacked.session.start(command, { argv: ["echo", longest] });
    expect(await task.result()).toMatchObject({ exitCode: 0, outputBytes: longest.length + 1 });
  });
});

describe("a megabyte of arguments", () => {
  const most = Array.from({ length: 9 }, () => "z".repeat(110_000));

  it("is refused, and said to be too much together", async () => {
    await using attacked = await openAttacked();
    const argv = ["echo", ...most, "z".repeat(10_000)];
    await expect(attacked.session.start(command, { argv })).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringContaining("together"),
    });
    await expectNothingStored(attacked);
  });

  it("runs when it is just below", async () => {
    await using attacked = await openAttacked();
    const bytes = most.join(" ").length + 1;
    await watched(
      "10 commands of a megabyte each, one after the other",
      async () => {
        for (let index = 0; index < 10; index += 1) {
          const task = await attacked.session.start(command, { argv: ["echo", ...most] });
          expect(await task.result()).toMatchObject({ exitCode: 0, outputBytes: bytes });
        }
      },
      // Some copies of the last few are not yet collected.
      { rssBytes: 150e6 },
    );
  });
});

async function expectNothingStored({ session }: Attacked): Promise<void> {
  // The command that made it ready.
  expect(await session.list()).toHaveLength(1);
}
