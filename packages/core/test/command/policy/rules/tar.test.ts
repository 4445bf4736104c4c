import { existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { tarCreate, tarExtract, tarList } from "../../../../src/command/policy/rules/tar.ts";
import { busybox, isInstalled, type Lab, openLab, titled } from "./lab.ts";
import { type Member, packArchive } from "./pack-archive.ts";

const commands = { tar: [...tarList, ...tarCreate, ...tarExtract] };
let lab: Lab;

beforeEach(() => {
  lab = openLab({ commands });
  mkdirSync(join(lab.root, "into"));
});

afterEach(() => lab.remove());

function pack(...members: readonly Member[]): void {
  lab.write("root/x.tar", packArchive(members));
}

const isGnu = process.platform === "linux" && isInstalled("tar");

describe.runIf(isGnu)("tar", () => {
  it("lists", () => {
    pack({ name: "a" }, { name: "b" });
    expect(lab.run(["tar", "-tf", "x.tar"])).toEqual({
      decision: "allow",
      exitCode: 0,
      text: "a\nb\n",
    });
    expect(lab.run(["tar", "-tvf", "x.tar", "b"]).text).toMatch(/ b\n$/);
  });

  it("packs, links as links, and what it packed it lists", () => {
    expect(lab.run(["tar", "-czf", "new.tgz", "folder", "a.txt"])).toMatchObject({
      decision: "allow",
      exitCode: 0,
    });
    const { text } = lab.run(["tar", "-tzvf", "new.tgz"]);
    expect(text).toMatch(/folder\/a\.txt/);
    expect(text).toMatch(/folder\/away -> /);
    expect(text).not.toMatch(/away\/a\.txt/);
  });

  it("unpacks, when asked", () => {
    pack({ name: "top/a" });
    const argv = ["tar", "-xf", "x.tar", "-C", "into", "--strip-components=1"];
    expect(lab.run(argv)).toMatchObject({ decision: "ask", exitCode: 0 });
    expect(existsSync(join(lab.root, "into/a"))).toBe(true);
  });

  it("a colon in a name is no other machine", () => {
    lab.write("root/host:x.tar", packArchive([{ name: "a" }]));
    expect(lab.runOpenly(["tar", "-tf", "host:x.tar"])).toContain("host");
    expect(lab.run(["tar", "-tf", "host:x.tar"]).text).toBe("a\n");
  });

  const escapes: readonly (readonly [string, () => readonly Member[]])[] = [
    ["an absolute name", () => [{ name: join(lab.outside, "new") }]],
    ["a name with ..", () => [{ name: "../../outside/new" }]],
    ["a link and then through it", () => [{ name: "l", link: "../../outside" }, { name: "l/new" }]],
    ["an absolute link", () => [{ name: "l", link: lab.outside }, { name: "l/new" }]],
    [
      "links by way of links",
      () => [
        { name: "d/b", link: "." },
        { name: "d/b/c", link: ".." },
        { name: "l", link: "d/b/c/../../outside" },
        { name: "l/new" },
      ],
    ],
    ["a link and then over it", () => [{ name: "n", link: "../../outside/secret" }, { name: "n" }]],
    ["a hard link", () => [{ name: "h", hardLink: "../../outside/secret" }, { name: "h" }]],
    [
      "a hard link to a link",
      () => [
        { name: "s", link: "../../outside/secret" },
        { name: "h", hardLink: "s" },
        { name: "h" },
      ],
    ],
  ];
  it.each(escapes)("members cannot leave the folder by %s", (_, members) => {
    pack(...members());
    const before = lab.inventory().filter((line) => line.startsWith("outside"));
    lab.run(["tar", "-xf", "x.tar", "-C", "into"]);
    expect(lab.inventory().filter((line) => line.startsWith("outside"))).toEqual(before);
  });

  it("replaces no file, and gives none to another user", () => {
    pack({ name: "a.txt" }, { name: "tool", mode: 0o4755 });
    const before = readFileSync(join(lab.root, "a.txt"), "utf8");
    expect(lab.run(["tar", "-xf", "x.tar"]).exitCode).not.toBe(0);
    expect(readFileSync(join(lab.root, "a.txt"), "utf8")).toBe(before);
    expect(statSync(join(lab.root, "tool")).mode & 0o7000).toBe(0);
  });

  it("a link that was there before is written through: that is not closed, so it asks", () => {
    symlinkSync("../../outside", join(lab.root, "into/before"));
    pack({ name: "before/new" });
    expect(lab.run(["tar", "-xf", "x.tar", "-C", "into"]).decision).toBe("ask");
    expect(existsSync(join(lab.outside, "new"))).toBe(true);
  });

  it.each(
    titled([
      ["-xf", "x.tar", "--to-command=./evil.sh"],
      ["-xf", "x.tar", "-C", "../outside"],
      ["-xf", "x.tar", "-C", "away"],
      ["-xf", "x.tar", "--directory=/tmp"],
      ["-xPf", "x.tar"],
      ["-xf", "x.tar", "-P"],
      ["-xf", "x.tar", "--overwrite"],
      ["-xf", "x.tar", "--one-top-level=/tmp/x"],
      ["-xf", "x.tar", "--transform=s/x/y/e"],
      ["-xf", "-C", "into", "x.tar"],
      ["-xf", "--", "x.tar"],
      ["xf", "x.tar"],
      ["-xf", "../outside/x.tar"],
      ["-cf", "/dev/null", "--checkpoint=1", "--checkpoint-action=exec=./evil.sh", "a.txt"],
      ["-cf", "new.tar", "a.txt", "--checkpoint-action=exec=./evil.sh"],
      ["-cf", "new.tar", "../outside/secret"],
      ["-cf", "new.tar", "link"],
      ["-chf", "new.tar", "folder"],
      ["-cf", "new.tar", "-T", "lines"],
      ["-cf", "new.tar", "-C", "../outside", "secret"],
      ["-cf", "a.txt", "b.txt"],
      ["-cf", "away/new.tar", "b.txt"],
      ["-cf", ".tar", "b.txt"],
      ["-cf", "new.tar"],
      ["-cf", "--", "new.tar", "a.txt"],
      ["-tf", "x.tar", "-I", "./evil.sh"],
      ["-tf", "x.tar", "--use-compress-program=./evil.sh"],
      ["-I", "./evil.sh", "-tf", "x.tar"],
      ["-tf", "x.tar", "--rsh-command=./evil.sh"],
      ["-tf", "x.tar", "-F", "./evil.sh"],
      ["-tf", "x.tar", "--index-file=new"],
      ["-tf", "link"],
      ["--delete", "-f", "x.tar", "a"],
      ["-rf", "x.tar", "a.txt"],
      ["--remove-files", "-cf", "new.tar", "a.txt"],
    ]),
  )("tar %s is refused", (_, rest) => {
    expect(lab.decide(["tar", ...rest])).toMatchObject({ decision: "deny" });
  });
});

it.runIf(busybox !== undefined)("busybox's tar, which lacks the protections, fails", () => {
  const small = openLab({ commands, busybox: ["tar"] });
  small.write("root/x.tar", packArchive([{ name: "a" }]));
  for (const rest of [
    ["-tf", "x.tar"],
    ["-xf", "x.tar"],
    ["-cf", "y.tar", "a.txt"],
  ]) {
    expect(small.run(["tar", ...rest])).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining("unrecognized option '--force-local'"),
    });
  }
  small.remove();
});
