import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createEnvironment } from "../../../src/command/policy/environment.ts";
import { createLocator, createShellLocator } from "../../../src/command/policy/locate-program.ts";
import { createProgram } from "../../../src/command/policy/program.ts";
import {
  followOnWindows,
  mergeVariables,
  programFile,
  refuseBatchFile,
  searchFolders,
  type WindowsFiles,
} from "../../../src/command/policy/windows.ts";

describe("a program on Windows", () => {
  it.each([
    ["node", "node.exe"],
    ["NODE.EXE", "NODE.EXE"],
    ["python3.12", "python3.12.exe"],
    ["run.cmd", "run.cmd.exe"],
  ])("is looked for in its .exe file only: %s", (name, file) => {
    expect(programFile(name, "win32")).toBe(file);
    expect(programFile(name, "linux")).toBe(name);
  });

  it.each(["npm.cmd", "RUN.BAT", "nul", "CON", "aux.exe", "com1", "LPT9.txt"])(
    "is never called %s",
    (name) => {
      const rule = { arguments: [[]] };
      expect(() => createProgram(name, rule, [], "win32")).toThrow(
        expect.objectContaining({
          code: "INVALID_OPTION",
          message: expect.stringMatching(/batch file|device/),
        }),
      );
      expect(() => createProgram(name, rule, [], "linux")).not.toThrow();
    },
  );

  it("is not found outside the shell of a POSIX system, and lines are refused in words", () => {
    const shell = createShellLocator(["/usr/bin", "/bin"], "win32");
    expect(shell("/workspace")).toEqual({
      found: false,
      reason: expect.stringContaining("Give the program and its arguments as argv"),
    });
    expect(createShellLocator(["/usr/bin", "/bin"], "linux")("/workspace").found).toBe(true);
  });
});

describe("a program on Windows that is a batch file only", () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "meanwhile-windows-"));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  async function place(name: string): Promise<void> {
    await writeFile(join(folder, name), "");
    await chmod(join(folder, name), 0o755);
  }

  it.each([".cmd", ".bat"])("is refused, and said what to do: %s", async (extension) => {
    await place(`npm${extension}`);
    const found = createLocator("npm", [folder], "win32")("/workspace");
    if (found.found) throw new Error("found");
    expect(found.reason).toContain(`npm${extension}`);
    expect(found.reason).toMatch(/Allow and run what it runs/);
  });

  it("does not hide the program that comes with it", async () => {
    await place("tool.cmd");
    await place("tool.exe");
    const found = createLocator("tool", [folder], "win32")("/workspace");
    expect(found).toMatchObject({ found: true, path: join(folder, "tool.exe") });
  });

  it("is not looked for elsewhere", async () => {
    await place("npm.cmd");
    const found = createLocator("npm", [folder], "linux")("/workspace");
    expect(found).toMatchObject({ found: false, reason: expect.stringContaining("not installed") });
  });

  it("is named with the script that npm itself runs", () => {
    expect(refuseBatchFile("npm", "C:\\Program Files\\nodejs\\npm.cmd")).toContain(
      String.raw`["node", "C:\\Program Files\\nodejs\\node_modules\\npm\\bin\\npm-cli.js", ...]`,
    );
    expect(refuseBatchFile("tsc", "C:\\x\\tsc.cmd")).toContain("mostly node with a script");
  });
});

describe("the search path on Windows", () => {
  it("is split at semicolons, its quotes removed, and has whole paths only", () => {
    const path = [
      "C:\\Windows\\System32",
      '"C:\\Program Files\\nodejs"',
      "D:/tools",
      "\\\\server\\share\\bin",
      ...["", ".", "relative\\bin", "\\no-drive", "C:no-root", "\\\\?\\C:\\x", "\\\\.\\pipe"],
    ].join(";");
    expect(searchFolders(path, "win32")).toEqual([
      "C:\\Windows\\System32",
      "C:\\Program Files\\nodejs",
      "D:/tools",
      "\\\\server\\share\\bin",
    ]);
    expect(searchFolders("/bin:relative::/usr/bin", "linux")).toEqual(["/bin", "/usr/bin"]);
  });
});

describe("variables on Windows", () => {
  it("are the same in any spelling", () => {
    const base = { Path: "C:\\a", TEMP: "C:\\t" };
    expect(mergeVariables(base, { PATH: "C:\\b" }, "win32")).toEqual({
      TEMP: "C:\\t",
      PATH: "C:\\b",
    });
    expect(mergeVariables(base, { PATH: "C:\\b" }, "linux")).toEqual({ ...base, PATH: "C:\\b" });
  });

  it.each([
    ["Path", { request: ["Path"] }],
    ["comspec", { request: ["comspec"] }],
    ["node_options", { allow: ["node_options"] }],
    ["Git_Dir", { request: ["Git_Dir"] }],
    ["meanwhile_task", { set: { Meanwhile_Task: "x" } }],
  ])("are refused in any spelling: %s", (_, options) => {
    expect(() => createEnvironment(options, "/workspace", "win32")).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });

  it("may be set in any spelling where they may be set, and there is one of each then", () => {
    const set = { Lang: "C", SystemRoot: "C:\\Windows" };
    const environment = createEnvironment({ set }, "/workspace", "win32");
    const decided = environment.forRequest({ lang: "de" });
    if (!decided.allowed) throw new Error(decided.reason);
    const names = Object.keys(decided.env).map((name) => name.toUpperCase());
    expect(new Set(names).size).toBe(names.length);
    expect(decided.env).toMatchObject({ lang: "de", SystemRoot: "C:\\Windows" });
    expect(environment.forRequest({ path: "C:\\evil" }).allowed).toBe(false);
  });

  it("have the system's folders on the path where it names none", () => {
    const { searchPath } = createEnvironment({ allow: [] }, "/workspace", "win32");
    expect(searchPath).toEqual(["C:\\Windows\\System32", "C:\\Windows"]);
  });
});

describe("a path in a workspace on Windows", () => {
  /** A disk: folders and files by their own spelling, links by where they lead. */
  const places = [
    ...["C:\\", "C:\\Users", "C:\\Users\\Me", "C:\\Users\\Me\\App", "C:\\Users\\Me\\App\\src"],
    ...["C:\\Users\\Me\\App\\src\\a.ts", "C:\\Users\\Me\\Application", "C:\\Windows"],
  ];
  const links: Readonly<Record<string, string>> = {
    "c:\\users\\me\\app\\out": "C:\\Windows",
    "c:\\users\\me\\app\\in": "C:\\Users\\Me\\App\\src",
    "c:\\users\\me\\app\\broken": "C:\\Windows\\nothing",
    "c:\\users\\me\\alias": "C:\\Users\\Me\\App",
  };
  const files: WindowsFiles = {
    realPath(path) {
      const lower = path.toLowerCase();
      for (const [link, target] of Object.entries(links)) {
        if (lower === link) return files.realPath(target);
        if (lower.startsWith(`${link}\\`)) return files.realPath(target + path.slice(link.length));
      }
      return places.find((place) => place.toLowerCase() === lower);
    },
    exists: (path) => links[path.toLowerCase()] !== undefined || files.realPath(path) !== undefined,
  };
  const root = "C:\\Users\\Me\\App";

  function follow(path: string, folder: string = root): unknown {
    return followOnWindows({ folder, root, from: `${root}\\src` }, path, files);
  }

  it.each([
    ["a.ts", "C:\\Users\\Me\\App\\src\\a.ts", true],
    ["A.TS", "C:\\Users\\Me\\App\\src\\a.ts", true],
    [".", "C:\\Users\\Me\\App\\src", true],
    ["..", "C:\\Users\\Me\\App", true],
    ["../SRC/a.ts", "C:\\Users\\Me\\App\\src\\a.ts", true],
    ["c:/users/me/app/src", "C:\\Users\\Me\\App\\src", true],
    ["new\\folder\\b.ts", "C:\\Users\\Me\\App\\src\\new\\folder\\b.ts", false],
    ["..\\in\\a.ts", "C:\\Users\\Me\\App\\src\\a.ts", true],
    ["..\\in\\new.ts", "C:\\Users\\Me\\App\\src\\new.ts", false],
    ["nothing\\..\\a.ts", "C:\\Users\\Me\\App\\src\\a.ts", true],
    ["\\Users\\Me\\App\\src", "C:\\Users\\Me\\App\\src", true],
    ["conf", "C:\\Users\\Me\\App\\src\\conf", false],
    ["nullable.ts", "C:\\Users\\Me\\App\\src\\nullable.ts", false],
    ["com10", "C:\\Users\\Me\\App\\src\\com10", false],
  ])("leads inside: %s", (path, real, exists) => {
    expect(follow(path)).toEqual({ path: real, exists });
  });

  it.each([
    ...[
      "..\\..",
      "..\\..\\Application",
      "C:\\Users\\Me\\Application\\x",
      "C:\\",
      "D:\\Users\\Me\\App",
    ],
    ...["..\\out", "..\\out\\system.ini", "..\\out\\new.txt", "..\\broken"],
    // Relative to the folder that a drive happens to have.
    ...["C:a.ts", "C:", "D:a.ts"],
    ...["\\\\server\\share\\x", "//server/share", "\\\\?\\C:\\Users\\Me\\App\\src", "\\\\.\\C:\\x"],
    ...["a.ts:stream", "a.ts::$DATA", "src:$I30"],
    // Windows drops what these end with.
    ...["a.ts.", "a.ts ", "... ", "..."],
    ...["*.ts", "a?.ts", "a|b", "a<b", 'a"b', "a\nb", "a\u0000b"],
    ...[
      "NUL",
      "nul.txt",
      "sub\\CON",
      "sub/con/x",
      "aux .log",
      "COM1",
      "com¹",
      "lpt9.a.b",
      "CONIN$",
    ],
  ])("is refused: %j", (path) => {
    expect(follow(path)).toBeUndefined();
  });

  it("may be spelled as the root was given", () => {
    expect(follow("C:\\Users\\Me\\alias\\src\\a.ts", "C:\\Users\\Me\\alias")).toEqual({
      path: "C:\\Users\\Me\\App\\src\\a.ts",
      exists: true,
    });
    expect(follow("C:\\Users\\Me\\alias\\src\\a.ts")).toBeUndefined();
  });

  it("is inside a root that is a whole drive", () => {
    const drive = { folder: "C:\\", root: "C:\\", from: "C:\\Users" };
    expect(followOnWindows(drive, "Me", files)).toEqual({ path: "C:\\Users\\Me", exists: true });
    expect(followOnWindows(drive, "..\\..\\Windows", files)).toMatchObject({ exists: true });
    expect(followOnWindows(drive, "D:\\x", files)).toBeUndefined();
  });
});
