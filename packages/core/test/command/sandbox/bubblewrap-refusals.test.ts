import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { bubblewrap } from "../../../src/command/sandbox/bubblewrap.ts";
import { systemFolders } from "../../../src/command/sandbox/mounts.ts";
import type { SandboxCommand } from "../../../src/command/sandbox/sandbox.ts";
import { run } from "./inside.ts";
import { bubblewrapPackage, missing } from "./needed-programs.ts";
import { makeFolder } from "./places.ts";

const absent = missing(bubblewrapPackage);
const because = absent === undefined ? "" : ` (${absent})`;
const isRoot = process.getuid?.() === 0;

describe.skipIf(absent !== undefined)(absent ?? "bubblewrap refuses", () => {
  it.each([
    ["a working directory", { cwd: "/var" }],
    ["a program", { executable: "/sys/program" }],
  ])("%s that is not visible", async (_, given) => {
    const root = makeFolder();
    await expect(run(bubblewrap({ root }), "true", { cwd: root, ...given })).rejects.toMatchObject({
      code: "SANDBOX",
      message: expect.stringContaining("is not visible"),
    });
  });

  it("more arguments than it takes, and takes as many as it says", async () => {
    const root = makeFolder();
    const sandbox = bubblewrap({ root });
    const argv = (length: number) => ["true", ...Array.from({ length }, () => "x")];
    const command = { executable: "/bin/true", cwd: root };
    const error = await run(sandbox, "", { ...command, argv: argv(9_000) }).catch(
      (e: unknown) => e,
    );
    expect(error).toMatchObject({ code: "SANDBOX" });
    const most = Number(/at most (\d+) fit/.exec((error as Error).message)?.[1]);
    expect(await run(sandbox, "", { ...command, argv: argv(most) })).toMatchObject({ code: 0 });
  });

  it("to make visible what a command could exchange", async () => {
    const root = makeFolder();
    mkdirSync(join(root, "a/b"), { recursive: true });
    const sandbox = bubblewrap({ root, read: [...systemFolders, join(root, "a/b")] });
    await expect(run(sandbox, "true", { cwd: root })).rejects.toMatchObject({
      code: "SANDBOX",
      message: expect.stringContaining("could exchange it"),
    });
  });

  it("a bwrap that lies where commands may write", async () => {
    const root = makeFolder();
    const executable = makeScript(root, "exit 0");
    await expect(run(bubblewrap({ root, executable }), "true", { cwd: root })).rejects.toThrow(
      "could be exchanged",
    );
  });
});

describe("bubblewrap", () => {
  it.each([
    ["/", {}, "root"],
    ["", {}, "root"],
    ["/tmp", { write: ["/tmp/.."] }, "write"],
    ["/tmp", { read: ["a\0b"] }, "read"],
  ])("refuses the root %j with %j", (root, more, option) => {
    expect(() => bubblewrap({ root, ...more })).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        message: expect.stringMatching(`^${option} of the sandbox`),
      }),
    );
  });

  it("says what to install when it is missing", async () => {
    const sandbox = bubblewrap({ root: makeFolder(), executable: "/nonexistent/bwrap" });
    await expect(sandbox.wrap(trueIn("/tmp"))).rejects.toMatchObject({
      code: "SANDBOX",
      message: expect.stringContaining("apt-get install bubblewrap"),
    });
  });

  it("says which folder does not exist", async () => {
    const root = join(makeFolder(), "missing");
    await expect(bubblewrap({ root }).wrap(trueIn(root))).rejects.toMatchObject({
      code: "SANDBOX",
      message: expect.stringContaining(`${root} cannot be made visible`),
    });
  });

  const outside = "could write outside";
  it.each([
    [
      "only runs what it is given",
      'while [ "$1" != -- ]; do shift; done; shift; exec "$@"',
      outside,
    ],
    ["does nothing", "exit 0", "exit code 0"],
    ["says that all is well", "echo end", outside],
    ["fails", "echo no namespaces >&2; exit 1", "no namespaces. Unprivileged user namespaces"],
  ])("does not trust a bwrap that %s", async (_, script, why) => {
    expect(await whyRefused(script)).toContain(why);
  });

  it.skipIf(absent !== undefined).each([
    ["the network", inserting("--die-with-parent", "--share-net"), "reached the network"],
    ["the whole machine", inserting("--chdir", "--dev-bind / /"), outside],
    ["a folder more", inserting("--chdir", "--ro-bind /tmp /tmp"), "were not mounted"],
    ["the processes", replacing("--unshare-all", "--unshare-net"), "saw the processes"],
  ])(`does not trust a bwrap that shares %s${because}`, async (_, script, why) => {
    expect(await whyRefused(script)).toContain(why);
  });

  it.skipIf(absent !== undefined || !isRoot)(
    `does not trust a bwrap that lets root change the kernel's settings${because}`,
    async () => {
      const why = await whyRefused(inserting("--dev", "--proc /proc"));
      expect(why).toContain("could change settings of the kernel");
    },
  );

  it.skipIf(absent !== undefined)(
    `tests bwrap once, and again after it failed${because}`,
    async () => {
      const root = makeFolder();
      const executable = makeScript(makeFolder(), "exit 1");
      const log = join(dirname(executable), "log");
      const sandbox = bubblewrap({ root, executable });
      await expect(sandbox.wrap(trueIn(root))).rejects.toMatchObject({ code: "SANDBOX" });
      writeFileSync(executable, `#!/bin/sh\necho ran >>${log}\nexec bwrap "$@"\n`);
      await Promise.all([1, 2, 3].map(() => sandbox.wrap(trueIn(root))));
      await sandbox.wrap(trueIn(root));
      expect(readFileSync(log, "utf8")).toBe("ran\n");
    },
  );
});

function trueIn(cwd: string): SandboxCommand {
  return { executable: "/bin/true", argv: ["true"], cwd, env: {} };
}

function makeScript(folder: string, script: string): string {
  const file = join(folder, "bwrap");
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

async function whyRefused(script: string): Promise<string> {
  const [root, executable] = [makeFolder(), makeScript(makeFolder(), script)];
  const error = await bubblewrap({ root, executable })
    .wrap(trueIn(root))
    .catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "SANDBOX" });
  return (error as Error).message;
}

/** A script that runs the real bwrap with more words before one of them. */
function inserting(word: string, before: string): string {
  return replacing(word, `${before} ${word}`);
}

/** A script that runs the real bwrap with other words in the place of one. */
function replacing(word: string, words: string): string {
  const step = `if [ "$w" = ${word} ] && [ -z "$done" ]; then done=1; set -- "$@" ${words}; else set -- "$@" "$w"; fi`;
  return `done=; for w; do shift; ${step}; done; exec bwrap "$@"`;
}
