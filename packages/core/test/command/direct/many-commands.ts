/**
 * Stands for a manager that has few descriptors: starts as many commands directly as the second
 * argument says, at once, and prints what became of them as JSON.
 */
import { systemClock } from "../../../src/clock/system-clock.ts";
import { anyCommand } from "../any-command.ts";
import { fakeTask } from "../fake-task.ts";
import { type DirectRun, startDirectly } from "./direct-command.ts";

// Loaded at the first command otherwise.
await import("execa");
const [, , label = "", count = "0"] = process.argv;
const commands = anyCommand(label);
let waits = 0;
const system = systemClock();
const clock: typeof system = {
  ...system,
  timer(callback, delayMs, keepAlive) {
    if (delayMs === 50) waits += 1;
    return system.timer(callback, delayMs, keepAlive);
  },
};

async function run(number: number): Promise<DirectRun> {
  await using task = await fakeTask({ commands, clock });
  const result = await startDirectly(task, { argv: ["sh", "-c", `sleep 0.2; echo ${number}`] });
  const output = await readWhenPossible(() => task.output());
  return { result, output };
}

async function readWhenPossible(read: () => Promise<string>): Promise<string> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EMFILE") throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

const runs = await Promise.all(Array.from({ length: Number(count) }, (_, index) => run(index)));
process.stdout.write(JSON.stringify({ waits, runs }));
