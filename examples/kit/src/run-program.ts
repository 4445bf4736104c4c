import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdir, readlink } from "node:fs/promises";
import { createInterface } from "node:readline";

export interface ProgramRun {
  readonly output: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProgramOptions {
  /** Folder of the example. */
  readonly folder: string;
  readonly args?: readonly string[];
  /** Beside the environment of this process, without what the examples read of it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Sends it a signal as soon as it prints such a line. */
  readonly stop?: { readonly at: RegExp; readonly by: NodeJS.Signals };
}

const chosen = new Set([
  ...["OPENAI_API_KEY", "OPENAI_BASE_URL", "MODEL"],
  ...["DATABASE_URL", "SLOWNESS", "FORCE_COLOR"],
]);

/** Runs an example without a terminal, on the sources of the packages, to its end. */
export async function runProgram(options: ProgramOptions): Promise<ProgramRun> {
  const { folder, args = [], env = {}, stop } = options;
  const inherited = Object.entries(process.env).filter(([name]) => !chosen.has(name));
  const program = spawn(
    process.execPath,
    ["--conditions=meanwhile-source", "src/main.ts", ...args],
    {
      cwd: folder,
      env: { ...Object.fromEntries(inherited), ...env },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  const ended = once(program, "close");
  let output = "";
  program.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  for await (const line of createInterface(program.stdout)) {
    output += `${line}\n`;
    if (stop?.at.test(line)) program.kill(stop.by);
  }
  const [exitCode, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  return { output, exitCode, signal };
}

/** Ids of the processes that work in the folder or below; of Linux only. */
export async function processesIn(folder: string): Promise<string[]> {
  const all = process.platform === "linux" ? await readdir("/proc") : [];
  const ids = all.filter((name) => /^\d+$/.test(name));
  const places = await Promise.all(
    // It may have ended meanwhile.
    ids.map((id) => readlink(`/proc/${id}/cwd`).catch(() => "")),
  );
  return ids.filter((_, index) => `${places[index]}/`.startsWith(`${folder}/`));
}
