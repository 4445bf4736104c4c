import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface DemoRun {
  readonly output: string;
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A place for the demo's state that is not the one of `npm start`. */
export async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const parent = await mkdtemp(join(tmpdir(), "meanwhile-demo-"));
  return {
    path: join(parent, "state"),
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  };
}

/** Runs the demo without a terminal, to its end or until it prints a line that is to be its last. */
export async function runDemo(
  folder: string,
  ending?: { readonly at: RegExp; readonly by: NodeJS.Signals },
): Promise<DemoRun> {
  const { OPENAI_API_KEY: _key, OPENAI_BASE_URL: _url, ...env } = process.env;
  const demo = spawn(process.execPath, ["--conditions=meanwhile-source", "src/main.ts", folder], {
    cwd: join(import.meta.dirname, ".."),
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(demo, "close");
  let output = "";
  demo.stderr.on("data", (chunk: Buffer) => {
    output += chunk.toString();
  });
  for await (const line of createInterface(demo.stdout)) {
    output += `${line}\n`;
    if (ending?.at.test(line)) demo.kill(ending.by);
  }
  const [exitCode, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  return { output, exitCode, signal };
}
