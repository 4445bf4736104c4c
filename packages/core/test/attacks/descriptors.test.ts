import { describe, expect, it } from "vitest";
import { endsOf, startAttackedProcess } from "./attacked-process.ts";
import { expectWithin } from "./watched.ts";

/** Few: an idle manager with its store and launcher has about 40. */
const descriptors = 80;
/** Two for each of the eight launchers that may be begun meanwhile, to wait for commands. */
const ofLaunchers = 2 * 8;

describe(`a manager that may have ${descriptors} open files`, () => {
  it.each([
    ["when it is to start its first command", "first"],
    ["when it has run commands before", "warm"],
    ["while its commands run and end", "running"],
    ["when it is to end its commands", "cancel"],
  ])("waits %s, and loses nothing", async (_, moment) => {
    const limited = () => ["sh", "-c", `ulimit -n ${descriptors} && exec "$@"`, "sh"];
    await using child = await startAttackedProcess("descriptors", [moment], limited);
    const { costs, ends, leaked, exhausted } = await child.report();
    expectWithin(`no descriptor left, ${moment}`, costs);
    // It was so bad that nothing at all could be opened.
    expect(exhausted).toBe("EMFILE");
    expect(endsOf(ends)).toEqual({ [moment === "cancel" ? "CANCELLED" : "completed"]: 30 });
    expect(leaked).toBeLessThanOrEqual(ofLaunchers);
    await child.commands.allGone();
  });
});
