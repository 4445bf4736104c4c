import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { CommandGrant } from "../../src/command/policy/policy.ts";
import {
  BackgroundManager,
  type CommandOutput,
  command,
  type ManagerOptions,
  MeanwhileError,
  type Session,
  type StartOptions,
  type TaskHandle,
} from "../../src/index.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { type AnyCommand, anyCommand } from "../command/any-command.ts";

/** A manager on a real store that lets every command run, and what it must be clean of. */
export interface Attacked extends AsyncDisposable {
  readonly manager: BackgroundManager;
  readonly session: Session;
  readonly directory: string;
  readonly commands: AnyCommand;
  /** Starts a script; `$0` in it is the manager's directory. */
  start(script: string, options?: StartOptions): Promise<TaskHandle<CommandOutput>>;
}

let count = 0;

/** Has run a command already, so that what is measured next is the attack alone. */
export async function openAttacked(
  options: ManagerOptions & { readonly grant?: Partial<CommandGrant> } = {},
): Promise<Attacked> {
  const { grant = {}, ...others } = options;
  const directory = await mkdtemp(join(tmpdir(), "meanwhile-attack-"));
  const commands = anyCommand(`attack-${process.pid}-${++count}`);
  const manager = new BackgroundManager({
    store: sqliteStore({ path: join(directory, "state.db") }),
    directory,
    tasks: [command],
    commands: granting(commands, grant),
    ...others,
  });
  const session = manager.session("attacked");
  const start: Attacked["start"] = (script, startOptions) =>
    session.start(command, { argv: ["sh", "-c", script, directory] }, startOptions);
  await (await start("echo ready")).result();
  return {
    manager,
    session,
    directory,
    commands,
    start,
    async [Symbol.asyncDispose]() {
      await manager.close();
      const survivors = await commands.endSurvivors();
      await rm(directory, { recursive: true, force: true });
      expect(survivors).toEqual([]);
    },
  };
}

/** The same policy, whose grants say this as well. */
function granting(commands: AnyCommand, grant: Partial<CommandGrant>): AnyCommand {
  return {
    ...commands,
    async decide(request) {
      const decision = await commands.decide(request);
      if (decision.decision !== "allow") return decision;
      return { ...decision, grant: { ...decision.grant, ...grant } };
    },
  };
}

/** What a task gave, or the error that it failed with. */
export async function endOf<Output>(task: TaskHandle<Output>): Promise<Output | MeanwhileError> {
  return task.result().catch((error: unknown) => {
    if (MeanwhileError.isInstance(error)) return error;
    throw error;
  });
}

/** Resolves when what the task has printed ends with the text. */
export async function untilEnds(task: TaskHandle<unknown>, text: string): Promise<void> {
  const look = { tail: true, maxBytes: text.length } as const;
  while ((await task.output(look)).text !== text) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}
