import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const script = fileURLToPath(new URL("store-process.ts", import.meta.url));

/** A process with a store, whose lines can be awaited one by one. */
export interface StoreProcess {
  readonly process: ChildProcess;
  /** The next value that it reports; undefined once it has ended. */
  next(): Promise<unknown>;
  /** All that it reports until it ends. */
  rest(): Promise<readonly unknown[]>;
}

/** Starts `store-process.ts`, through the given command where one is given. Ends with the test. */
export function startProcess(
  role: string,
  path: string,
  through: (command: readonly string[]) => readonly string[] = (command) => command,
): StoreProcess {
  const [file = "", ...args] = through([process.execPath, script, role, path]);
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin?.on("error", () => {});
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })[
    Symbol.asyncIterator
  ]();
  const next = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    return done === true ? undefined : JSON.parse(value);
  };
  return {
    process: child,
    next,
    async rest() {
      const values: unknown[] = [];
      for (let value = await next(); value !== undefined; value = await next()) values.push(value);
      return values;
    },
  };
}
