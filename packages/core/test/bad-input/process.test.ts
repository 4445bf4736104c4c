import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { canMount, withOwnMount } from "../store/own-mount.ts";

const script = fileURLToPath(new URL("bad-process.ts", import.meta.url));

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  /** What it reported. */
  readonly lines: readonly unknown[];
  /** What Node said of it. */
  readonly complaints: string;
}

/** Runs a role of `bad-process.ts` until it ends by itself. */
async function run(
  role: string,
  through: (command: readonly string[], folder: string) => readonly string[] = (command) => command,
): Promise<End> {
  const folder = mkdtempSync(join(tmpdir(), "meanwhile-bad-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [file = "", ...args] = through([process.execPath, script, role, folder], folder);
  const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"] });
  onTestFinished(() => {
    child.kill("SIGKILL");
  });
  const ended = new Promise<[number | null, string | null]>((resolve) =>
    child.once("close", (code, signal) => resolve([code, signal])),
  );
  const [output, complaints, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    ended,
  ]);
  const lines = output.split("\n").filter((line) => line !== "");
  return { code, signal, lines: lines.map((line) => JSON.parse(line)), complaints };
}

const survived = { code: 0, signal: null, complaints: "" };

test("tasks and listeners that do everything wrong do not take the process down, nor keep it", async () => {
  expect(await run("misbehave")).toEqual({
    ...survived,
    lines: ["ERROR", "ERROR", "ERROR", "NOT_SERIALIZABLE", "TIMEOUT", "TIMEOUT", "ERROR"],
  });
});

test("1,000 failing tasks started from inside one do not either", async () => {
  expect(await run("thousand")).toEqual({ ...survived, lines: [1_000] });
});

test("a manager whose store cannot be opened does not keep its process, also if nobody closes it", async () => {
  const lines = ["STORE_CORRUPT", "STORE_CORRUPT"];
  expect(await run("unopenable")).toEqual({ ...survived, lines });
});

test("a manager that closes lets everybody go, and its process end", async () => {
  const { lines, ...end } = await run("closing");
  expect(end).toEqual(survived);
  expect(lines).toEqual([
    "CANCELLED",
    "CANCELLED",
    "CLOSED",
    "CLOSED",
    "CLOSED",
    "aborted",
    "ended",
  ]);
});

test("an idle manager that nobody closes does not keep its process", async () => {
  expect(await run("forgotten")).toEqual({ ...survived, lines: ["done"] });
});

test("a channel's subscriber that throws is Node's uncaught exception, and the task completes all the same", async () => {
  const { lines, ...end } = await run("channel");
  expect(end).toEqual(survived);
  expect(lines.toSorted()).toEqual(["done", "subscriber"]);
});

const mountable = canMount();

test.skipIf(!mountable)("a store on a read-only disk is refused with STORE_READ_ONLY", async () => {
  const end = await run("readOnly", (command, folder) =>
    withOwnMount(folder, { bytes: 1_000_000, afterwards: 'mount -o remount,ro "$0"' })(command),
  );
  expect(end).toEqual({ ...survived, lines: ["STORE_READ_ONLY"] });
});

test.skipIf(!mountable)(
  "a disk that fills up while a task runs: starts are refused, the result is kept and written when there is room",
  async () => {
    const end = await run("full", (command, folder) =>
      withOwnMount(folder, { bytes: 4_000_000 })(command),
    );
    expect(end).toEqual({
      ...survived,
      lines: ["STORE_FULL", "running", 70_000, true, 1, "after"],
    });
  },
);

test.skipIf(!mountable)("a manager closes on a full disk", async () => {
  const end = await run("fullAtClose", (command, folder) =>
    withOwnMount(folder, { bytes: 4_000_000 })(command),
  );
  expect(end).toEqual({ ...survived, lines: ["closed"] });
});
