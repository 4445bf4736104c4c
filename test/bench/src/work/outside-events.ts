import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Calls back for each event of another process, with what tells its age by then, until stopped. */
export function outsideEvents(callback: (ageUs: () => number) => void): { stop(): void } {
  const ticker = fileURLToPath(new URL("./ticker.ts", import.meta.url));
  const child = spawn(process.execPath, [ticker], { stdio: ["ignore", "pipe", "inherit"] });
  child.stdout.on("data", (chunk: Buffer) => {
    // Of several that waited together, the last is the newest.
    const at = BigInt(String(chunk).trimEnd().split("\n").at(-1) as string);
    callback(() => Number(process.hrtime.bigint() - at) / 1_000);
  });
  return { stop: () => void child.kill() };
}
