import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { BackgroundManager, bubblewrap, command, commandPolicy } from "../../src/index.ts";

/** Who listens to a signal together with a handler that is called once may end the process. */
test.each(["a command", "a command in a sandbox"])(
  "%s, and all that is tried before it, leaves signals to their handlers",
  async (kind) => {
    const root = await mkdtemp(join(tmpdir(), "meanwhile-signals-"));
    const sandbox = kind === "a command" ? {} : { sandbox: bubblewrap({ root }) };
    const heard: unknown[] = [];
    const note = (name: unknown): void => void heard.push(name);
    process.on("newListener", note);
    const manager = new BackgroundManager({
      tasks: [command],
      directory: join(root, "tasks"),
      commands: commandPolicy({ root, commands: { true: { arguments: [[]] } }, ...sandbox }),
    });
    try {
      const task = await manager.session("chat").start(command, { argv: ["true"] });
      await task.result().catch(() => {});
    } finally {
      await manager.close();
      process.off("newListener", note);
      await rm(root, { recursive: true, force: true });
    }
    expect(heard.filter((name) => /^SIG/.test(String(name)))).toEqual([]);
  },
);
