import { rm } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, it, vi } from "vitest";
import { command } from "../../src/command/definition.ts";
import { anyCommand } from "./any-command.ts";
import { type FakeTask, fakeTask } from "./fake-task.ts";

const commands = anyCommand(`stdin-${process.pid}`);

afterAll(async () => {
  expect(await commands.endSurvivors()).toEqual([]);
});

function run(task: FakeTask, script: string): Promise<unknown> {
  const input = { argv: ["sh", "-c", script], stdin: "open" } as const;
  return Promise.resolve(command.run(input, task.context)).catch((error: unknown) => error);
}

function printed(task: FakeTask, text: string): Promise<unknown> {
  return vi.waitUntil(async () => (await task.output().catch(() => "")).endsWith(text), 10_000);
}

describe("stdin by messages", () => {
  it("carries each message as it is, with nothing added", async () => {
    await using task = await fakeTask({ commands, messages: ["before", " the start\n"] });
    const running = run(task, 'read a; echo "$a"; read b; echo "$b"; head -c 5');
    await printed(task, "before the start\n");
    task.send("zwei €\n");
    await printed(task, "zwei €\n");
    task.send("ab");
    task.send("cde");
    expect(await running).toMatchObject({ exitCode: 0 });
    expect(await task.output()).toBe("before the start\nzwei €\nabcde");
  });

  it("takes a message that no pipe could hold, while the command does not read yet", async () => {
    await using task = await fakeTask({ commands, messages: ["x".repeat(3_000_000), "go\n"] });
    const running = run(task, "echo ready; head -c 3000000 | wc -c; read line; echo $line");
    expect(await running).toMatchObject({ exitCode: 0 });
    expect(await task.output()).toBe("ready\n3000000\ngo\n");
  });

  it("does not end when the messages do, nor when the manager goes, and repeats nothing", async () => {
    await using task = await fakeTask({ commands, messages: ["one\n"] });
    const running = run(
      task,
      'while read line; do echo "$line"; [ "$line" = two ] && exit 3; done',
    );
    await printed(task, "one\n");
    const closed = task.abort("CLOSED");
    task.endMessages();
    expect(await running).toBe(closed);

    const next = task.next({ messages: ["one\n"] });
    if (typeof command.recover !== "function") throw new Error("a command can be recovered");
    const recovered = command.recover({ argv: ["unused"], stdin: "open" }, next.context);
    next.send("two\n");
    await expect(recovered).rejects.toMatchObject({ details: { exitCode: 3 } });
    expect(await next.output()).toBe("one\ntwo\n");
  });

  it("does not hold up a command that never reads", async () => {
    await using task = await fakeTask({ commands, messages: ["x".repeat(1_000_000)] });
    expect(await run(task, "exit 4")).toMatchObject({ details: { exitCode: 4 } });
    await commands.allGone();
  });

  it("is ended with a cancelled command", async () => {
    await using task = await fakeTask({ commands, messages: ["hello\n"] });
    const running = run(task, "cat");
    await printed(task, "hello\n");
    const reason = task.abort("CANCELLED");
    expect(await running).toBe(reason);
    expect(await commands.survivors()).toEqual([]);
  });

  it("ends the command when a message cannot be handed over", async () => {
    await using task = await fakeTask({ commands });
    const running = run(task, "echo ready; cat");
    await printed(task, "ready\n");
    await rm(join(task.directory, "run-1.stdin"));
    task.send("lost\n");
    expect(await running).toMatchObject({ code: "ENOENT" });
    expect(await commands.survivors()).toEqual([]);
  });

  it("is empty and ended when it is closed", async () => {
    await using task = await fakeTask({ commands, messages: ["unread\n"] });
    const result = await command.run({ argv: ["cat"] }, task.context);
    expect(result).toMatchObject({ exitCode: 0, outputBytes: 0 });
  });
});
