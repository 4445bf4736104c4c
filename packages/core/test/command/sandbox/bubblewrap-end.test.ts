import { describe, expect, it } from "vitest";
import { bubblewrap } from "../../../src/command/sandbox/bubblewrap.ts";
import { countWithArgument, run, start } from "./inside.ts";
import { bubblewrapPackage, missing } from "./needed-programs.ts";
import { makeFolder } from "./places.ts";

const absent = missing(bubblewrapPackage);

describe.skipIf(absent !== undefined)(absent ?? "the end of a command in bubblewrap", () => {
  it.each([
    ["its exit code", "exit 0", 0],
    ["another exit code", "exit 77", 77],
    ["its death by a signal, as 128 and the number", "kill -SEGV $$", 128 + 11],
    ["its death by TERM", "kill -TERM $$", 128 + 15],
  ])("is reported with %s", async (_, line, code) => {
    const root = makeFolder();
    expect(await run(bubblewrap({ root }), line, { cwd: root })).toMatchObject({
      code,
      signal: null,
    });
  });

  it("leaves no daemon, not even one that left session, parent and environment", async () => {
    const root = makeFolder();
    const seconds = `${process.pid}.0101`;
    const line = `${daemon(seconds)}; read -r up <pipe; echo up`;
    const running = await start(bubblewrap({ root }), `mkfifo pipe; ${line}`, { cwd: root });
    expect(await running.ended).toMatchObject({ code: 0, output: "up\n" });
    await expect.poll(() => countWithArgument(seconds), { timeout: 10_000 }).toBe(0);
  });

  it("leaves no daemon when bubblewrap is killed", async () => {
    const root = makeFolder();
    const seconds = `${process.pid}.0202`;
    const line = `mkfifo pipe; ${daemon(seconds)}; read -r up <pipe; echo up; sleep 600`;
    const running = await start(bubblewrap({ root }), line, { cwd: root });
    await running.printed("up");
    await expect.poll(() => countWithArgument(seconds), { timeout: 10_000 }).toBeGreaterThan(0);
    running.child.kill("SIGKILL");
    expect(await running.ended).toMatchObject({ signal: "SIGKILL" });
    await expect.poll(() => countWithArgument(seconds), { timeout: 10_000 }).toBe(0);
  });

  it("is its own when it is cancelled and cleans up", async () => {
    const root = makeFolder();
    const line = "trap 'echo cleaned; exit 3' TERM; echo up; while :; do sleep 0.01; done";
    const running = await start(bubblewrap({ root }), line, { cwd: root });
    await running.printed("up");
    expect(await running.end(10_000)).toBe(true);
    expect(await running.ended).toMatchObject({
      code: 3,
      output: expect.stringMatching(/cleaned\n$/),
    });
  });

  it("is by TERM when it is cancelled and has no handler", async () => {
    const root = makeFolder();
    const running = await start(bubblewrap({ root }), "echo up; exec sleep 600", { cwd: root });
    await running.printed("up");
    expect(await running.end(10_000)).toBe(true);
    expect(await running.ended).toMatchObject({ code: 128 + 15 });
  });

  it("comes with KILL when it ignores TERM, for all of it", async () => {
    const root = makeFolder();
    const seconds = `${process.pid}.0303`;
    const line = `trap '' TERM; mkfifo pipe; ${daemon(seconds)}; read -r up <pipe; echo up; sleep 600`;
    const running = await start(bubblewrap({ root }), line, { cwd: root });
    await running.printed("up");
    expect(await running.end(50)).toBe(true);
    expect(await running.ended).toMatchObject({ signal: "SIGKILL" });
    await expect.poll(() => countWithArgument(seconds), { timeout: 10_000 }).toBe(0);
  });
});

/** A daemon with nothing by which it could be told to belong to the command. It writes to `pipe`. */
function daemon(seconds: string): string {
  const inner = `echo up >pipe; exec sleep ${seconds}`;
  return `(setsid env -i sh -c "setsid sh -c '${inner}' >/dev/null 2>&1 &" &)`;
}
