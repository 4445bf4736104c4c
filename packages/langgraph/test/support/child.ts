import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";

/** Runs a file in a process of its own, on the sources, until it ends or dies. */
export async function runChild(
  file: string,
  ...given: readonly string[]
): Promise<{ readonly killed: boolean; readonly printed: string }> {
  const options = ["--conditions=meanwhile-source", "--no-warnings", file, ...given];
  const child = spawn(process.execPath, options, { stdio: ["ignore", "pipe", "inherit"] });
  const printed = text(child.stdout);
  const [, signal] = await once(child, "exit");
  return { killed: signal === "SIGKILL", printed: await printed };
}
