import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { type Block, fileOf } from "./blocks.ts";
import { createWorkspace } from "./workspace.ts";

const mostMs = 60_000;

/**
 * Runs a block in a process and a folder of its own, on the sources of the packages, and gives what
 * it printed. Model clients find a model at `modelUrl`.
 *
 * @throws what it printed on stderr, when it fails, prints anything there or does not end.
 */
export async function runProgram(block: Block, modelUrl: string): Promise<string> {
  const file = fileOf(block);
  await using workspace = await createWorkspace([file]);
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ["--conditions=meanwhile-source", file.name],
    {
      cwd: workspace.path,
      timeout: mostMs,
      killSignal: "SIGKILL",
      env: {
        PATH: process.env["PATH"],
        HOME: workspace.path,
        OPENAI_API_KEY: "none",
        OPENAI_BASE_URL: modelUrl,
        ANTHROPIC_API_KEY: "none",
        ANTHROPIC_BASE_URL: modelUrl,
      },
    },
  );
  if (stderr !== "") throw new Error(stderr);
  return stdout;
}

/** The texts that a program says, behind `//=>`, that it prints. */
export function saidToPrint({ code }: Block): string[] {
  return [...code.matchAll(/\/\/=> (.*)$/gm)].map(([, text = ""]) => text);
}

/** The same text for every run: ids and durations differ. */
export function withoutChance(text: string): string {
  return text
    .trim()
    .replace(/\b(t|n|m)_[2-9b-z]{10}\b/g, "$1_…")
    .replace(/\b\d+(\.\d+)?(ms|s)\b/g, "…s");
}
