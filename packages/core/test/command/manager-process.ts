/**
 * Stands for a manager that will be killed: starts the commands named on stdin, one JSON object
 * of `{ directory, argv, outputBytes }` a line, and says `ready` once it can.
 */
import { createInterface } from "node:readline";
import { command } from "../../src/command/definition.ts";
import { anyCommand } from "./any-command.ts";
import { takeUp } from "./fake-task.ts";

// Loaded at the first command otherwise.
await import("execa");
const commands = anyCommand(process.argv[2] ?? "");
process.stdout.write("ready\n");
for await (const line of createInterface({ input: process.stdin })) {
  const { directory, argv, outputBytes } = JSON.parse(line);
  const { context } = takeUp(directory, { commands, outputBytes });
  Promise.resolve(command.run({ argv }, context)).then(
    (output) => process.stdout.write(`${JSON.stringify(output)}\n`),
    (error: unknown) => process.stdout.write(`${error}\n`),
  );
}
