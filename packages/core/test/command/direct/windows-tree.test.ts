import { describe, expect, it } from "vitest";
import type { Child } from "../../../src/command/direct/start-child.ts";
import { whyNotDirectly } from "../../../src/command/direct/start-child.ts";
import { taskKill, windowsTree } from "../../../src/command/direct/windows-tree.ts";
import { systemRoot } from "../../../src/command/platform.ts";
import type { Exit } from "../../../src/command/start/exit-record.ts";
import { virtualClock } from "../../../src/testing/virtual-clock.ts";

describe("the command that ends a tree on Windows", () => {
  it("asks first and forces then, always with the descendants", () => {
    expect(taskKill(4711, "ask", "C:\\Windows")).toEqual({
      executable: "C:\\Windows\\System32\\taskkill.exe",
      arguments: ["/PID", "4711", "/T"],
      env: { SystemRoot: "C:\\Windows" },
    });
    expect(taskKill(4711, "force", "D:\\WINNT")).toEqual({
      executable: "D:\\WINNT\\System32\\taskkill.exe",
      arguments: ["/PID", "4711", "/T", "/F"],
      env: { SystemRoot: "D:\\WINNT" },
    });
  });

  it.each([
    [{ SystemRoot: "D:\\Windows" }, "D:\\Windows"],
    [{}, "C:\\Windows"],
    [{ SystemRoot: "" }, "C:\\Windows"],
    [{ SystemRoot: "Windows" }, "C:\\Windows"],
    [{ SystemRoot: "\\\\server\\share" }, "C:\\Windows"],
  ])("is looked for in the system's own folder: %j", (env, folder) => {
    expect(systemRoot(env)).toBe(folder);
  });
});

describe("the tree of a command on Windows", () => {
  /** `answers`: what each taskkill does; "ends" ends the child. */
  function play(answers: readonly ("ends" | "refuses" | "accepts")[]) {
    const clock = virtualClock();
    const exited = Promise.withResolvers<Exit>();
    let exit: Exit | undefined;
    const did: string[] = [];
    const end = (): void => {
      exit = { type: "code", code: 1 };
      exited.resolve(exit);
    };
    const child: Child = {
      pid: 7,
      stdin: null,
      outputs: [],
      exited: exited.promise,
      exit: () => exit,
      kill() {
        did.push("kill");
        end();
      },
      release() {},
    };
    const left = [...answers];
    const tree = windowsTree(child, clock, async (kill) => {
      did.push(kill.arguments.slice(2).join(" "));
      const answer = left.shift();
      if (answer === "ends") end();
      return answer !== "refuses";
    });
    return { clock, did, tree };
  }

  it("is asked, and not forced when it ends in time", async () => {
    const { did, tree } = play(["ends"]);
    await tree.end(5_000);
    expect(did).toEqual(["/T"]);
  });

  it("is forced when its grace is over", async () => {
    const { clock, did, tree } = play(["accepts", "ends"]);
    const ended = tree.end(5_000);
    await clock.advance(4_999);
    expect(did).toEqual(["/T"]);
    await clock.advance(1);
    await ended;
    expect(did).toEqual(["/T", "/T /F"]);
    expect(clock.pendingTimers).toBe(0);
  });

  it("is forced at once when it cannot be asked, as a console program", async () => {
    const { did, tree } = play(["refuses", "ends"]);
    await tree.end(5_000);
    expect(did).toEqual(["/T", "/T /F"]);
  });

  it("loses at least the command itself when taskkill does not work", async () => {
    const { did, tree } = play(["refuses", "refuses"]);
    await tree.end(5_000);
    expect(did).toEqual(["/T", "/T /F", "kill"]);
  });

  it("is not waited for without end", async () => {
    const { clock, did, tree } = play(["refuses", "accepts"]);
    const ended = tree.end(5_000);
    await clock.advance(60_000);
    await ended;
    expect(did).toEqual(["/T", "/T /F"]);
  });

  it("is not signalled once the command has ended: its id may be another's", async () => {
    const { did, tree } = play([]);
    expect(await tree.left({ held: true, end: true })).toBe(0);
    expect(did).toEqual([]);
    expect(tree.containment).toBe("process-group");
  });
});

describe("a file that is to be started directly", () => {
  it.each(["npm.cmd", "C:\\tools\\run.BAT", "script.ps1", "program", "program.com", "a.exe.cmd"])(
    "is refused on Windows: %s",
    async (file) => {
      expect(await whyNotDirectly(file, "win32")).toBe(`${file} is not an .exe file`);
    },
  );

  it("is a real program on Windows, and anything elsewhere", async () => {
    expect(await whyNotDirectly("C:\\Windows\\System32\\where.EXE", "win32")).toBeUndefined();
    expect(await whyNotDirectly("/usr/bin/run.cmd", "linux")).toBeUndefined();
  });
});
