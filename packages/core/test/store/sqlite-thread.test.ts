import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../../src/clock/clock.ts";
import { systemClock } from "../../src/clock/system-clock.ts";
import { sqliteStore } from "../../src/sqlite.ts";
import { adaptiveAccess } from "../../src/store/sqlite/adaptive-access.ts";

const run = promisify(execFile);
let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "meanwhile-thread-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A clock on which everything takes this long. */
function clockWhereAllTakes(ms: number): Clock {
  let now = 0;
  return {
    ...systemClock(),
    monotonic: () => {
      now += ms;
      return now;
    },
  };
}

const connection = (): Parameters<typeof adaptiveAccess>[0] => ({
  path: join(folder, "state.db"),
  synchronous: "full",
  busyTimeoutMs: 5_000,
});

async function register(
  access: Awaited<ReturnType<typeof adaptiveAccess>>,
  owner: string,
): Promise<void> {
  await access.ask("commit", [{ type: "register", owner, identity: "", until: 1 }]);
}

test("on a slow disk the store moves to a thread, and nothing is lost or out of order", async () => {
  const threads: unknown[] = [];
  const noticed = (worker: unknown): unknown => threads.push(worker);
  process.on("worker", noticed);
  const access = await adaptiveAccess(connection(), clockWhereAllTakes(3));
  for (let owner = 0; owner < 40; owner += 1) await register(access, `m${owner}`);
  const names = (await access.ask("owners")).map(({ owner }) => owner);
  await access.close();
  process.off("worker", noticed);
  expect(new Set(names).size).toBe(40);
  expect(threads).toHaveLength(1);
});

test("on a quick disk it stays on the thread of the caller", async () => {
  const threads: unknown[] = [];
  const noticed = (worker: unknown): unknown => threads.push(worker);
  process.on("worker", noticed);
  const access = await adaptiveAccess(connection(), clockWhereAllTakes(0.1));
  for (let owner = 0; owner < 40; owner += 1) await register(access, `m${owner}`);
  await access.close();
  process.off("worker", noticed);
  expect(threads).toHaveLength(0);
});

test("an error on the thread arrives with its code", async () => {
  const store = sqliteStore({ path: folder, thread: "worker" });
  await expect(store.open({ clock: systemClock() })).rejects.toMatchObject({
    isMeanwhileError: true,
    code: expect.stringMatching(/^STORE/),
  });
});

test("an idle thread does not keep the process alive", async () => {
  const source = new URL("../../src/", import.meta.url).href;
  const program = `
    const { sqliteStore } = await import("${source}sqlite.ts");
    const { systemClock } = await import("${source}clock/system-clock.ts");
    const store = sqliteStore({ path: ${JSON.stringify(join(folder, "s.db"))}, thread: "worker" });
    await store.open({ clock: systemClock() });
    await store.commit([{ type: "register", owner: "a", identity: "", until: 1 }]);
    console.log((await store.owners()).length);
  `;
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], {
    timeout: 20_000,
  });
  expect(stdout.trim()).toBe("1");
});
