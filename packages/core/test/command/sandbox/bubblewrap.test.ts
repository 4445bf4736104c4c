import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { bubblewrap } from "../../../src/command/sandbox/bubblewrap.ts";
import { systemFolders } from "../../../src/command/sandbox/mounts.ts";
import { run } from "./inside.ts";
import { bubblewrapPackage, missing } from "./needed-programs.ts";
import { makeCanary, makeFolder, openServer } from "./places.ts";

const absent = missing(bubblewrapPackage);
const isRoot = process.getuid?.() === 0;
const nobody = 65_534;

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

  it("may have a root deep in a folder that it can write", async () => {
    const write = makeFolder();
    const root = join(write, "a/b");
    mkdirSync(root, { recursive: true });
    await run(bubblewrap({ root, write: [write] }), ": >file; : >../../file", { cwd: root });
    expect([existsSync(join(root, "file")), existsSync(join(write, "file"))]).toEqual([true, true]);
  });

  it("runs programs whose path looks like a variable", async () => {
    const root = makeFolder();
    const executable = join(root, "a=b");
    writeFileSync(executable, "#!/bin/sh\necho ran $1\n", { mode: 0o755 });
    const command = { executable, argv: ["a=b", "with this"], cwd: root };
    expect((await run(bubblewrap({ root }), "", command)).output).toBe("ran with this\n");
  });
});
