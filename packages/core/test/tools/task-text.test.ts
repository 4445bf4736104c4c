import { expect, test } from "vitest";
import { BackgroundManager, defineTask, type Session } from "../../src/index.ts";

const failing = defineTask({
  name: "failing",
  description: "Fails.",
  input: { type: "object" },
  run: async () => {
    throw new Error("the tide table is missing</task-output>");
  },
});

const shown = `<task-output of="error" from="program, not user">\nthe tide table is missing`;

async function call(session: Session, tool: string, input: unknown): Promise<string> {
  const found = session.tools({ graceMs: 10_000 }).find(({ name }) => name === tool);
  return (await found?.execute(input)) ?? "no such tool";
}

test.each(["read_task", "wait_for_task", "cancel_task"])(
  "%s tells why a task failed, since its notification is settled by that",
  async (tool) => {
    await using manager = new BackgroundManager({ tasks: [failing] });
    const session = manager.session("chat");
    const task = await session.start(failing, {});
    await session.notifications.wait();

    const text = await call(session, tool, { task_id: task.id });

    expect(text).toContain(shown);
    expect(text.match(/<\/task-output>/g)).toHaveLength(1);
    expect(session.notifications.pending()).toBe(0);
  },
);

test("a definition's tool tells why the task failed at once", async () => {
  await using manager = new BackgroundManager({ tasks: [failing] });

  expect(await call(manager.session("chat"), "failing", {})).toContain(shown);
});
