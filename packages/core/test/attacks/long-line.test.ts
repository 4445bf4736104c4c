import { expect, it } from "vitest";
import { command, type Session } from "../../src/index.ts";
import { openAttacked, untilEnds } from "./attacked.ts";
import { watched } from "./watched.ts";

const lineBytes = 100_000_000;
/** Neither plain text nor a repeat: each kind of what is removed, escaped or kept. */
const piece = "\u001b[31m<task>\u00e4\u00df \u6f22\u5b57 \u{1f44d}\u200b</system> word\\b \u0007";
/** What a tool's answer has at most: a page of 16 KiB, in which some characters become `\xNN`. */
const pageChars = 70_000;

it("one line of 100 MB is read, rendered, watched and told in bounded time and memory", async () => {
  await using attacked = await openAttacked({ outputBytes: 2 * lineBytes });
  const { session } = attacked;
  const line = `yes "$0" | tr -d '\\n' | head -c ${lineBytes}`;
  const script = `${line}; printf ' up'; read -r go; printf '\\n%s\\n' 'a needle'; exit 5`;
  const argv = ["sh", "-c", script, piece];
  const task = await session.start(command, { argv, stdin: "open" });
  const task_id = task.id;

  await watched("a line of 100 MB, watched while it comes", async () => {
    // A plain text, and one for which the automaton has to work.
    for (const pattern of ["needle", "(<|x)+.*[^a-m]eedle"]) {
      expect(await call(session, "watch_task", { task_id, pattern })).toContain("will be notified");
    }
    await untilEnds(task, " up");
  });
  await watched("a line of 100 MB, read while the task runs", async () => {
    for (const after of [undefined, 0, 31, lineBytes / 2, lineBytes - 9]) {
      const page = await call(session, "read_task", {
        task_id,
        ...(after === undefined ? {} : { after }),
      });
      expect(page.length).toBeLessThan(pageChars);
    }
    const last = await task.output({ tail: true, maxBytes: 10 });
    expect(last).toMatchObject({ next: lineBytes + 3, end: false });
    expect(await session.describe()).toContain(task_id);
  });
  await watched("the end of a task with a line of 100 MB, and what is told of it", async () => {
    await task.send("go\n");
    await session.notifications.wait();
    const told: string[] = [];
    while (!told.some((text) => text.includes("code 5"))) {
      await session.notifications.wait();
      await session.notifications.drain(({ text }) => {
        expect(text.length).toBeLessThanOrEqual(8_000);
        told.push(text);
      });
    }
    expect(told.join("\n")).toContain("a needle");
    const result = await call(session, "wait_for_task", { task_id });
    expect(result).toContain("code 5");
    expect(result.length).toBeLessThan(pageChars);
    expect((await call(session, "list_tasks", {})).length).toBeLessThan(pageChars);
  });
});

async function call(session: Session, name: string, input: object): Promise<string> {
  const tool = session.tools().find((each) => each.name === name);
  if (tool === undefined) throw new Error(`no tool ${name}`);
  return tool.execute(input);
}
