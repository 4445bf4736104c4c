import { spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Jail, openJail } from "../../../src/command/policy/jail.ts";
import { pick, seeded } from "../../support/seeded.ts";

let base: string;
let root: string;
let jail: Jail;

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), "meanwhile-jail-")));
  root = join(base, "root");
  mkdirSync(join(root, "app", "deep"), { recursive: true });
  mkdirSync(join(base, "outside"));
  mkdirSync(join(base, "rootbeer"));
  writeFileSync(join(root, "a.txt"), "a");
  writeFileSync(join(base, "outside", "secret"), "s");
  symlinkSync("app", join(root, "in"));
  symlinkSync(join(root, "app"), join(root, "in-absolute"));
  symlinkSync("../outside", join(root, "out"));
  symlinkSync("/", join(root, "top"));
  symlinkSync("/proc/self/root", join(root, "proc"));
  symlinkSync(join(base, "outside", "nothing"), join(root, "dangling"));
  symlinkSync("missing", join(root, "dangling-inside"));
  symlinkSync("loop", join(root, "loop"));
  symlinkSync("../../outside/secret", join(root, "app", "secret"));
  jail = openJail(root);
});

afterEach(() => rmSync(base, { recursive: true, force: true }));

describe("a path that stays", () => {
  it.each([
    [".", "."],
    ["", "."],
    ["a.txt", "a.txt"],
    ["./app//deep/", "app/deep"],
    ["app/../a.txt", "a.txt"],
    ["in/deep", "app/deep"],
    ["in-absolute/deep", "app/deep"],
    ["in/..", "."],
    ["app/deep/../../in/deep/..", "app"],
    ["../root/a.txt", "a.txt"],
    ["../../../../../../../..$ROOT/app", "app"],
    ["$ROOT/app", "app"],
    ["$ROOT", "."],
    ["$ROOT/../root/app", "app"],
  ])("%s leads to %s", (path, expected) => {
    expect(jail.follow(root, path.replace("$ROOT", root))).toEqual({
      path: join(root, expected),
      exists: true,
    });
  });

  it.each([
    ["new", "new"],
    ["new/and/newer", "new/and/newer"],
    ["new/./x/", "new/x"],
    ["in/new", "app/new"],
    ["a.txt/x", "a.txt/x"],
    ["dangling-inside", "missing"],
    ["~root/x", "~root/x"],
    ["file:///etc/passwd", "file:/etc/passwd"],
    ["-", "-"],
    ["...", "..."],
    ["..app", "..app"],
    ["*", "*"],
  ])("%s would be %s", (path, expected) => {
    expect(jail.follow(root, path)).toEqual({ path: join(root, expected), exists: false });
  });

  it("is taken relative to the folder it is in", () => {
    expect(jail.follow(join(root, "app", "deep"), "../../a.txt")).toMatchObject({ exists: true });
    expect(jail.follow(join(root, "app", "deep"), "../../../outside")).toBeUndefined();
  });

  it("may name the root as the policy does, through links", () => {
    symlinkSync(base, join(base, "alias"));
    const alias = join(base, "alias", "root");
    expect(openJail(alias).follow(root, `${alias}/a.txt`)).toMatchObject({
      path: join(root, "a.txt"),
    });
    expect(openJail(alias).follow(root, join(base, "alias", "outside"))).toBeUndefined();
  });
});

describe("a path that leaves", () => {
  it.each([
    "..",
    "../..",
    "/",
    "/etc/passwd",
    "//etc/passwd",
    "../../../../etc/passwd",
    "app/../../outside",
    "../rootbeer",
    "$ROOTbeer",
    "out",
    "out/secret",
    "out/nothing",
    "app/secret",
    "in/secret",
    "in-absolute/secret",
    "top/etc/passwd",
    "proc/etc/passwd",
    "/proc/self/root/etc/passwd",
    "/proc/self/cwd/a.txt",
    "/dev/fd/0",
    "/dev/stdin",
    "dangling",
    "dangling/x",
    "loop",
    "loop/x",
    // The kernel does not go up from a file or from nothing, so neither may the check.
    "a.txt/..",
    "a.txt/../../outside",
    "new/..",
    "new/../../outside/secret",
    "dangling-inside/..",
    // Back inside, but only if that folder outside exists.
    "../outside/../root/a.txt",
    "../nothing/../root/a.txt",
    "out/../root/a.txt",
  ])("%s is not followed", (path) => {
    expect(jail.follow(root, path.replace("$ROOT", root))).toBeUndefined();
  });

  it("is too long for a name, or too deep in links", () => {
    expect(jail.follow(root, "x".repeat(300))).toBeUndefined();
    symlinkSync("app", join(root, "link-0"));
    for (let index = 1; index <= 40; index += 1) {
      symlinkSync(`link-${index - 1}`, join(root, `link-${index}`));
    }
    expect(jail.follow(root, "link-39")).toMatchObject({ exists: true });
    expect(jail.follow(root, "link-40")).toBeUndefined();
  });

  it("goes through a folder that may not be read", () => {
    chmodSync(join(root, "app"), 0o000);
    for (let folder = root; folder !== "/"; folder = dirname(folder)) {
      if (folder.startsWith(base)) chmodSync(folder, 0o755);
    }
    // Root may read everything.
    const isRoot = process.getuid?.() === 0;
    if (isRoot) process.seteuid?.(65_534);
    try {
      expect(jail.follow(root, "app/deep")).toBeUndefined();
    } finally {
      if (isRoot) process.seteuid?.(0);
      chmodSync(join(root, "app"), 0o700);
    }
  });

  it("cannot leave when everything is inside", () => {
    const everything = openJail("/");
    expect(everything.follow("/", "../../etc")).toMatchObject({ exists: true });
  });
});

it("needs a root", () => {
  expect(() => openJail(join(base, "nothing"))).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION" }),
  );
});

describe("random paths through random links", () => {
  it.each([1, 2, 3])("lead where the kernel goes, seed %i", (seed) => {
    const random = seeded(seed);
    const names = ["a", "b", "c", "..", "..", ".", "", "x", "root"];
    const randomPath = (most: number): string =>
      Array.from({ length: 1 + Math.floor(random() * most) }, () => pick(random, names)).join("/");
    const folders = ["", "a", "b", "a/b", "a/b/c", "b/a"];
    for (const folder of folders) mkdirSync(join(root, folder), { recursive: true });
    for (const folder of folders) {
      for (const name of ["a", "b", "c", "x"]) {
        const target = random() < 0.3 ? `${root}/${randomPath(3)}` : randomPath(4);
        try {
          if (random() < 0.2) writeFileSync(join(root, folder, name), "", { flag: "wx" });
          else symlinkSync(target, join(root, folder, name));
        } catch {
          // There is a folder of that name.
        }
      }
    }
    // What is outside has the same names: a wrong turn would find something.
    for (const name of ["a", "b", "c"]) mkdirSync(join(base, name, "b"), { recursive: true });

    const seen = { exists: 0, missing: 0, refused: 0, asked: 0 };
    for (let round = 0; round < 1_500; round += 1) {
      const path = random() < 0.1 ? `${root}/${randomPath(7)}` : randomPath(7);
      const followed = jail.follow(root, path);
      const kernel = realPath(path.startsWith("/") ? path : `${root}/${path}`);
      if (followed === undefined) {
        seen.refused += 1;
        // Refused though it exists: only for leaving the root, for good or on the way.
        if (kernel !== undefined) expect([path, leaves(path)]).toEqual([path, true]);
        continue;
      }
      if (followed.exists) {
        seen.exists += 1;
        expect([path, followed.path]).toEqual([path, kernel]);
      } else {
        seen.missing += 1;
        expect([path, kernel]).toEqual([path, undefined]);
        expect([path, makesOutside(path)]).toEqual([path, false]);
      }
      if (kernel === undefined || !path.includes("..")) continue;
      seen.asked += 1;
      expect([path, leaves(path)]).toEqual([path, false]);
    }
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(30);
  });
});

function realPath(path: string): string | undefined {
  try {
    return realpathSync.native(path);
  } catch {
    return undefined;
  }
}

/** Whether a file made there would be outside; the folders before it are made by nobody. */
function makesOutside(path: string): boolean {
  const whole = path.startsWith("/") ? path : `${root}/${path}`;
  try {
    writeFileSync(whole, "", { flag: "a" });
  } catch {
    return false;
  }
  const made = realpathSync.native(whole);
  rmSync(made, { force: true });
  return made !== root && !made.startsWith(`${root}/`);
}

/** Whether a shell that walks it component by component, links included, is ever outside. */
function leaves(path: string): boolean {
  const script = `
    walk() {
      while [ -n "$1" ]; do
        part=\${1%%/*}
        case $1 in */*) rest=\${1#*/} ;; *) rest= ;; esac
        if [ -L "./$part" ] && [ -n "$part" ]; then
          target=$(readlink "./$part")
          case $target in /*) cd / ;; esac
          set -- "$target/$rest"
          continue
        fi
        if [ -n "$part" ] && [ -d "./$part" ]; then cd -P "./$part" || exit 1; fi
        case $PWD in "$ROOT" | "$ROOT"/*) ;; *)
          case $ROOT in "$PWD"/* | "\${PWD%/}"/*) ;; *) exit 7 ;; esac
          away=1 ;;
        esac
        set -- "$rest"
      done
      case $PWD in "$ROOT" | "$ROOT"/*) exit 0 ;; *) exit 7 ;; esac
    }
    case $1 in /*) cd / ;; *) cd "$ROOT" ;; esac
    walk "$1"`;
  const { status } = spawnSync("sh", ["-c", script, "sh", path], {
    env: { ROOT: root, PATH: "/usr/bin:/bin" },
  });
  return status === 7;
}
