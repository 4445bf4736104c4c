import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { bubblewrap } from "../../../src/command/sandbox/bubblewrap.ts";
import { systemFolders } from "../../../src/command/sandbox/mounts.ts";
import { countWithArgument, run, start } from "./inside.ts";
import { bubblewrapPackage, missing } from "./needed-programs.ts";
import { makeCanary, makeFolder, openServer } from "./places.ts";

const absent = missing(bubblewrapPackage);
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;
const because = absent === undefined ? "" : ` (${absent})`;

describe.skipIf(absent !== undefined)(absent ?? "a command in bubblewrap", () => {
  it("writes in the root and nowhere else", async () => {
    const [root, other] = [makeFolder(), makeFolder()];
    const targets = [
      join(other, "file"),
      join(homedir(), "meanwhile-file"),
      "/etc/meanwhile",
      "/x",
    ];
    const writes = targets.map((path) => `(: >${path}) 2>/dev/null && echo wrote ${path}`);
    const line = `echo in >file; ${writes.join("; ")}; (echo x >>/bin/sh) || echo refused`;
    const { output } = await run(bubblewrap({ root }), line, { cwd: root, env: { HOME: "/h" } });
    expect(readFileSync(join(root, "file"), "utf8")).toBe("in\n");
    expect(targets.filter((path) => existsSync(path))).toEqual([]);
    expect(output).not.toContain("wrote");
    expect(output).toContain("refused");
  });

  it("has empty folders of its own for /tmp, HOME and TMPDIR", async () => {
    const root = makeFolder();
    const env = { HOME: homedir(), TMPDIR: "/var/scratch" };
    const line =
      'for place in /tmp "$HOME" "$TMPDIR"; do echo x >"$place/meanwhile-x" || exit; done';
    expect(await run(bubblewrap({ root }), line, { cwd: root, env })).toMatchObject({ code: 0 });
    const places = ["/tmp", homedir(), "/var/scratch"].map((place) => join(place, "meanwhile-x"));
    expect(places.filter((path) => existsSync(path))).toEqual([]);
  });

  it("sees nothing of the user's home or of other folders", async () => {
    const root = makeFolder();
    const canaries = [makeCanary(makeFolder(homedir())), makeCanary(makeFolder())];
    const line = `cat ${canaries.join(" ")}; ls -A ${homedir()} /var /run /sys /etc/ssl/private`;
    const { output } = await run(bubblewrap({ root }), line, { cwd: root });
    expect(output).not.toContain("tweet");
    expect(output.split("\n").filter((text) => text !== "" && !/No such file/.test(text))).toEqual(
      [],
    );
  });

  it("does not reach a server of the machine, and has no interface but its own loopback", async () => {
    const root = makeFolder();
    const { port, connections } = await openServer();
    const line = `bash -c 'cat </dev/tcp/127.0.0.1/${port}'; grep -c : /proc/net/dev`;
    const { output } = await run(bubblewrap({ root }), line, { cwd: root });
    expect(output).toMatch(/refused(.|\n)*\n1\n$/);
    expect(connections()).toBe(0);
    const open = await run(bubblewrap({ root, network: true }), line, { cwd: root });
    expect(open.output).toMatch(/^served\n/);
    expect(connections()).toBe(1);
  });

  it("has the variables that it is given, and sees those of no other process", async () => {
    const root = makeFolder();
    process.env["MEANWHILE_CANARY_TOKEN"] = "tweet";
    const line = "env; cat /proc/*/environ";
    const { output } = await run(bubblewrap({ root }), line, { cwd: root, env: { GIVEN: "yes" } });
    delete process.env["MEANWHILE_CANARY_TOKEN"];
    expect(output).not.toContain("tweet");
    expect(output).toContain("GIVEN=yes\n");
  });

  it("sees and signals only its own processes", async () => {
    const root = makeFolder();
    const line = "cd /proc; echo [0-9]*; kill -KILL 0";
    const { code, signal, output } = await run(bubblewrap({ root }), line, { cwd: root });
    expect(output.trim().split(" ").length).toBeLessThan(5);
    // bubblewrap itself, which is outside, has survived to report it.
    expect([code, signal]).toEqual([128 + 9, null]);
  });

  it.skipIf(!isRoot)("cannot change the kernel's settings when root runs it", async () => {
    const root = makeFolder();
    const line =
      "for file in core_pattern sysrq modprobe; do [ ! -w /proc/sys/kernel/$file ] || echo $file; done";
    const { output } = await run(bubblewrap({ root }), line, { cwd: root });
    expect(output).toBe("");
  });

  it.skipIf(!isRoot)("is as confined when an unprivileged user runs it", async () => {
    const [root, other] = [makeFolder(), makeFolder()];
    for (const folder of [root, other]) {
      chownSync(folder, nobody, nobody);
      chmodSync(folder, 0o777);
    }
    const { port, connections } = await openServer();
    const line = `id -u; echo in >file; (: >${other}/file); bash -c ': </dev/tcp/127.0.0.1/${port}'; exit 3`;
    const ended = await run(bubblewrap({ root }), line, { cwd: root, user: nobody });
    expect(ended).toMatchObject({ code: 3, output: expect.stringMatching(/^65534\n/) });
    expect([existsSync(join(root, "file")), existsSync(join(other, "file"))]).toEqual([
      true,
      false,
    ]);
    expect(connections()).toBe(0);
  });

  it("keeps from writing what is listed as readable directly in a writable folder", async () => {
    const root = makeFolder();
    mkdirSync(join(root, ".git"));
    const sandbox = bubblewrap({ root, read: [...systemFolders, join(root, ".git")] });
    const line = "(: >.git/config); mv .git git; rm -r .git; : >file";
    await run(sandbox, line, { cwd: root });
    expect([existsSync(join(root, ".git/config")), existsSync(join(root, "file"))]).toEqual([
      false,
      true,
    ]);
    expect(existsSync(join(root, ".git"))).toBe(true);
  });

  it("may have a root that it cannot write", async () => {
    const [root, write] = [makeFolder(), makeFolder()];
    const line = `cat canary; (: >file); : >${write}/file`;
    makeCanary(root);
    const { output } = await run(bubblewrap({ root, write: [write] }), line, { cwd: root });
    expect(output).toMatch(/^tweet\n/);
    expect([existsSync(join(root, "file")), existsSync(join(write, "file"))]).toEqual([
      false,
      true,
    ]);
  });

  it("runs programs whose path looks like a variable", async () => {
    const root = makeFolder();
    const executable = join(root, "a=b");
    writeFileSync(executable, "#!/bin/sh\necho ran $1\n", { mode: 0o755 });
    const command = { executable, argv: ["a=b", "with this"], cwd: root };
    expect((await run(bubblewrap({ root }), "", command)).output).toBe("ran with this\n");
  });
});

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
    expect(countWithArgument(seconds)).toBeGreaterThan(0);
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

function trueIn(cwd: string) {
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
