import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { type AnyCommand, anyCommand } from "../command/any-command.ts";
import type { Costs } from "./measured.ts";

/** What a manager's process says of an attack on it. */
export interface Report {
  readonly costs: Costs;
  /** For each task the code of its error, or its status. */
  readonly ends: readonly string[];
  readonly [fact: string]: unknown;
}

/** A manager in a process of its own, for attacks that would hit this one as well. */
export interface AttackedProcess extends AsyncDisposable {
  readonly commands: AnyCommand;
  readonly directory: string;
  /** Resolves when it has ended by itself. */
  report(): Promise<Report>;
}

let count = 0;

/**
 * Starts `<attack>-process.ts`, through the words given, with its folder, the label of its commands
 * and `args` as its arguments.
 */
export async function startAttackedProcess(
  attack: string,
  args: readonly string[],
  through: (directory: string) => readonly string[],
): Promise<AttackedProcess> {
  const directory = await mkdtemp(join(tmpdir(), "meanwhile-attack-"));
  const label = `attack-${attack}-${process.pid}-${++count}`;
  const commands = anyCommand(label);
  const file = fileURLToPath(new URL(`${attack}-process.ts`, import.meta.url));
  const words = [
    ...through(directory),
    process.execPath,
    "--no-warnings",
    file,
    directory,
    label,
    ...args,
  ];
  const child = spawn(words[0] as string, words.slice(1), { stdio: ["ignore", "pipe", "inherit"] });
  const ended = once(child, "close");
  return {
    commands,
    directory,
    async report() {
      const lines: string[] = [];
      createInterface({ input: child.stdout }).on("line", (line) => lines.push(line));
      const [code, signal] = await ended;
      expect({ code, signal }).toEqual({ code: 0, signal: null });
      return JSON.parse(lines.at(-1) ?? "");
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
      const survivors = await commands.endSurvivors();
      await rm(directory, { recursive: true, force: true });
      expect(survivors).toEqual([]);
    },
  };
}

/** How many ended in each way. */
export function endsOf(ends: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const end of ends) counts[end] = (counts[end] ?? 0) + 1;
  return counts;
}
