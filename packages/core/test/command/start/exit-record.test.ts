import { describe, expect, it } from "vitest";
import { parseExitRecord } from "../../../src/command/start/exit-record.ts";
import { parseStat } from "../../../src/proc/stat.ts";

describe("the exit record", () => {
  it("is not there before its line is whole", () => {
    for (const text of ["", "exit", "exit 1", "exit 12", "spooled 0\nexit 1"]) {
      expect(parseExitRecord(text).exit).toBeUndefined();
    }
    expect(parseExitRecord("exit 12\n")).toMatchObject({ spooled: false });
  });

  it.each([
    ["exit 0\nspooled 0\n", { type: "code", code: 0 }],
    ["spooled 0\nexit 7\n", { type: "code", code: 7 }],
    ["Killed\nexit 137\n", { type: "signal", signal: "SIGKILL" }],
    ["exit 137\n", { type: "code", code: 137 }],
    ["exit 137 silent\n", { type: "signal", signal: "SIGKILL" }],
    ["exit 130\n", { type: "code", code: 130 }],
    ["exit 141 silent\n", { type: "code", code: 141 }],
    ["exit 255 silent\n", { type: "code", code: 255 }],
    [
      "Segmentation fault (core dumped)\nspooled 0\nexit 139\n",
      { type: "signal", signal: "SIGSEGV" },
    ],
    ["Aborted\nexit 134\n", { type: "signal", signal: "SIGABRT" }],
  ])("%j tells a code from a signal", (text, exit) => {
    expect(parseExitRecord(text).exit).toEqual(exit);
  });

  it("says when output was cut, and what the shell complained about", () => {
    expect(parseExitRecord("spooled 1\nexit 0\n")).toMatchObject({ spooled: true, cut: true });
    expect(parseExitRecord("spooled 0\nexit 0\n")).toMatchObject({ spooled: true, cut: false });
    expect(parseExitRecord("wrapper: 1: Cannot fork\nspooled 0\n").complaint).toBe(
      "wrapper: 1: Cannot fork",
    );
  });
});

describe("a line of /proc/<pid>/stat", () => {
  it("is read past a name with spaces and parentheses", () => {
    const rest = "S 1 2 3 0 -1 4 5 6 7 8 9 10 11 12 13 14 15 16 4242 0 0";
    expect(parseStat(`77 (a) b (c)) ${rest}`)).toEqual({
      pid: 77,
      state: "S",
      parent: 1,
      group: 2,
      session: 3,
      startTime: "4242",
    });
    expect(parseStat("")).toBeUndefined();
    expect(parseStat("not a stat line")).toBeUndefined();
  });
});
