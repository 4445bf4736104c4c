import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readOnly } from "../../../../src/command/policy/rules/read-only.ts";
import { busybox, isInstalled, type Lab, openLab, titled } from "./lab.ts";

let lab: Lab;

beforeEach(() => {
  lab = openLab({ commands: readOnly });
  lab.write("root/.rgrc", "--pre=./evil.sh\n");
  lab.write("root/names", "../outside/secret\0");
  lab.write("root/lines", "../outside/secret\n");
  lab.write("root/sums", `${"0".repeat(64)}  ../outside/secret\n`);
  lab.write("root/magic", "0\tstring\tx\tx\n");
  lab.write("root/many", `${"line\n".repeat(40_000)}`);
  lab.write("root/folder/a.gz", "x");
});

afterEach(() => lab.remove());

const linux = process.platform === "linux";

/** Without the rules each of these does what it stands under, with the programs of Debian. */
const runs = [
  ["find", ".", "-maxdepth", "0", "-exec", "./evil.sh", ";"],
  ["find", "a.txt", "-exec", "./evil.sh", "{}", "+"],
  ["find", "a.txt", "-execdir", "/bin/sh", "-c", "../evil.sh; ./evil.sh", ";"],
  ["find", "-name", "a.txt", "-o", "-exec", "./evil.sh", ";"],
  ["rg", "--pre", "./evil.sh", "alpha"],
  ["rg", "--pre=./evil.sh", "alpha", "."],
  ["sort", "--compress-program", "./evil.sh", "-S", "1b", "many"],
  ["sort", "--compress-prog=./evil.sh", "-S", "1b", "many"],
  ["sed", "-n", "1e ./evil.sh", "a.txt"],
  ["sed", "-n", "s/.*/.\\/evil.sh/e", "a.txt"],
  ["sed", "--expr=1e ./evil.sh", "a.txt"],
  ["sed", "1e./evil.sh", "-n", "1p", "a.txt"],
] as const;

const writes = [
  ["find", "a.txt", "-delete"],
  ["find", "--", "a.txt", "-delete"],
  ["find", ".", "-maxdepth", "0", "-fprintf", "new", "x"],
  ["find", ".", "-fprint", "new"],
  ["find", ".", "-fprint0", "new"],
  ["find", ".", "-fls", "new"],
  ["sort", "-o", "new", "a.txt"],
  ["sort", "-onew", "a.txt"],
  ["sort", "a.txt", "-no", "new"],
  ["sort", "--output=new", "a.txt"],
  ["sort", "--outp=new", "a.txt"],
  ["uniq", "a.txt", "new"],
  ["uniq", "--", "a.txt", "new"],
  ["uniq", "-c", "a.txt", "b.txt"],
  ["sed", "-i", "s/alpha/x/", "a.txt"],
  ["sed", "-n", "-i", "1p", "a.txt"],
  ["sed", "-n", "w new", "a.txt"],
  ["sed", "-n", "1,2w new", "a.txt"],
  ["sed", "wnew", "-n", "1p"],
  ["sed", "-n", "--", "wnew", "a.txt"],
  ["file", "-C", "-m", "magic"],
] as const;

const reads = [
  ["cat", "../outside/secret"],
  ["cat", "link"],
  ["cat", "away/a.txt"],
  ["cat", "a.txt", "folder/link"],
  ["cat", "--", "link"],
  ["head", "-n", "1", "--", "link"],
  ["tail", "-n1", "folder/../link"],
  ["ls", "-R", "../outside"],
  ["grep", "-R", "SECRET", "."],
  ["grep", "--dereference-recursive", "SECRET", "."],
  ["grep", "-nR", "SECRET", "folder"],
  ["grep", "-r", "SECRET", "away"],
  ["grep", "-rh", "SECRET", "folder/link"],
  ["grep", "-e", "SECRET", "-e", "x", "../outside/secret"],
  ["grep", "SECRET", "a.txt", "link"],
  ["grep", "SECRET", "link", "-e", "SECRET"],
  ["rg", "-L", "SECRET", "."],
  ["rg", "--follow", "SECRET", "folder"],
  ["rg", "SECRET", "away"],
  ["rg", "SECRET", "../outside", "-e", "SECRET"],
  ["rg", "--files", "../outside"],
  ["sort", "link"],
  ["sort", "--files0-from=names"],
  ["sort", "--files0-from", "names"],
  ["sort", "-m", "a.txt", "link"],
  ["cut", "-c", "1-9", "link"],
  ["uniq", "link"],
  ["sed", "-n", "1p", "link"],
  ["sed", "-n", "1,9p", "a.txt", "away/a.txt"],
  ["sed", "-n", "r link", "a.txt"],
  ["diff", "link", "a.txt"],
  ["diff", "-r", "away", "folder"],
  ["diff", "--from-file=a.txt", "../outside/secret"],
  ["diff", "--to-file=link", "a.txt"],
] as const;

/** What they do is not seen in their output, or depends on the system. */
const others = [
  ["find", "-L", ".", "-name", "x"],
  ["find", "-H", "away"],
  ["find", ".", "-follow"],
  ["find", ".", "-ok", "./evil.sh", ";"],
  ["find", ".", "-okdir", "./evil.sh", ";"],
  ["find", "-files0-from", "names"],
  ["find", "-f", "../outside", "."],
  ["find", "../outside"],
  ["find", "away"],
  ["find", ".", "-newer", "link"],
  ["rg", "-z", "x", "folder/a.gz"],
  ["rg", "-nz", "x", "folder/a.gz"],
  ["rg", "--search-zip", "x"],
  ["rg", "--hostname-bin", "./evil.sh", "x"],
  ["rg", "-f", "lines", "a.txt"],
  ["rg", "--ignore-file", "../outside/secret", "x"],
  ["grep", "-f", "../outside/secret", "a.txt"],
  ["grep", "-flink", "a.txt"],
  ["grep", "--exclude-from=link", "-r", "x"],
  ["grep", "-d", "recurse", "SECRET", "."],
  ["grep", "-z", "x", "a.txt"],
  ["ls", "-L", "folder"],
  ["ls", "-laL"],
  ["ls", "-H", "folder"],
  ["ls", "--hyperlink=always"],
  ["ls", "away"],
  ["du", "-L", "."],
  ["du", "-aD", "."],
  ["du", "--files0-from=names"],
  ["du", "-X", "lines", "."],
  ["wc", "--files0-from=names"],
  ["wc", "link"],
  ["stat", "-L", "folder/link"],
  ["stat", "-f", "."],
  ["stat", "../outside/secret"],
  ["tail", "-f", "a.txt"],
  ["tail", "-F", "a.txt"],
  ["tail", "--follow", "a.txt"],
  ["tail", "-n5f", "a.txt"],
  ["tail", "--pid=1", "-f", "a.txt"],
  ["sort", "-T", "../outside", "a.txt"],
  ["sort", "--random-source=link", "-R", "a.txt"],
  ["file", "-m", "lines", "a.txt"],
  ["file", "-f", "lines"],
  ["file", "-z", "folder/a.gz"],
  ["file", "link"],
  ["sha256sum", "-c", "sums"],
  ["sha256sum", "--check", "sums"],
  ["sha256sum", "link"],
  ["realpath", "--relative-to=../outside", "a.txt"],
  ["realpath", "away/a.txt"],
  ["diff", "-l", "a.txt", "b.txt"],
  ["diff", "-D", "x", "a.txt"],
  ["date", "-s", "@0"],
  ["date", "--set=@0"],
  ["date", "01010101"],
  ["date", "-f", "lines"],
  ["date", "-r", "link"],
  ["sed", "-n", "1p"],
  ["sed", "-n", "-f", "lines", "a.txt"],
  ["sed", "-n", "1p;w new", "a.txt"],
  ["sed", "-n", "1p\nw new", "a.txt"],
  ["sed", "a.txt"],
  ["pwd", "--help"],
  ["cat", "/dev/zero"],
  ["cat", "/proc/self/environ"],
  ["cat", "/dev/stdin"],
  ["env", "ls"],
  ["xargs", "ls"],
  ["tee", "new"],
  ["awk", "1"],
] as const;

describe("what would run, write or read elsewhere", () => {
  it.each(titled([...runs, ...writes, ...reads, ...others]))("%s is refused", (_, argv) => {
    const decision = lab.decide(argv);
    expect(decision).toMatchObject({
      decision: "deny",
      reason: expect.stringContaining("is not allowed"),
    });
    expect(JSON.stringify(decision)).not.toContain("not installed");
  });

  it.runIf(linux).each(titled(runs))("%s runs a program without the rules", (_, argv) => {
    if (!isInstalled(argv[0] ?? "")) return;
    lab.runOpenly(argv);
    expect(lab.wasTrapped()).toBe(true);
  });

  it.runIf(linux).each(titled(writes))("%s writes without the rules", (_, argv) => {
    if (!isInstalled(argv[0] ?? "")) return;
    const before = lab.inventory();
    lab.runOpenly(argv);
    expect(lab.inventory()).not.toEqual(before);
  });

  it.runIf(linux).each(titled(reads))("%s reads elsewhere without the rules", (_, argv) => {
    if (!isInstalled(argv[0] ?? "")) return;
    expect(lab.runOpenly(argv)).toMatch(/SECRET|outside\/(secret|folder)/);
  });
});

const alpha = "alpha\nbeta\n";

/** What people ask for, and what they then see. */
const works = [
  [["ls", "-1", "folder"], "a.gz\na.txt\naway\nlink\n"],
  [["ls", "folder", "-la"], /a\.txt/],
  [["ls", "-R"], /folder/],
  [["cat", "a.txt"], alpha],
  [["cat", "-n", "a.txt", "b.txt"], /1\talpha/],
  [["head", "-n", "1", "a.txt"], "alpha\n"],
  [["head", "-n1", "a.txt"], "alpha\n"],
  [["head", "-1", "a.txt"], "alpha\n"],
  [["tail", "-n", "+2", "a.txt"], "beta\n"],
  [["tail", "-1", "a.txt"], "beta\n"],
  [["wc", "-l", "a.txt"], /^\s*2 a\.txt\n$/],
  [["grep", "beta", "a.txt"], "beta\n"],
  [["grep", "-n", "-e", "beta", "a.txt"], "2:beta\n"],
  [["grep", "beta", "a.txt", "-c"], "1\n"],
  [["grep", "/", "lines"], "../outside/secret\n"],
  [["grep", "-e", "/outside", "lines"], "../outside/secret\n"],
  [["grep", "--", "-x", "a.txt"], ""],
  [["find", "folder", "-name", "a.t*", "-type", "f"], "folder/a.txt\n"],
  [["find", ".", "-maxdepth", "1", "-name", "b.*", "-print"], "./b.txt\n"],
  [["sort", "-r", "a.txt"], "beta\nalpha\n"],
  [["sort", "-t", "p", "-k1,1n", "a.txt"], alpha],
  [["uniq", "-c", "a.txt"], /1 alpha/],
  [["cut", "-d", "p", "-f", "1", "a.txt"], "al\nbeta\n"],
  [["cut", "-c1-2", "a.txt"], "al\nbe\n"],
  [["sed", "-n", "2,2p", "a.txt"], "beta\n"],
  [["sed", "-n", "2,$p", "a.txt"], "beta\n"],
  [["stat", "-c", "%n %s", "a.txt"], "a.txt 11\n"],
  [["du", "-a", "folder"], /folder\/a\.txt/],
  [["du", "-sh", "."], /\.\n$/],
  [["sha256sum", "a.txt"], /^[0-9a-f]{64} [ *]a\.txt\n$/],
  [["pwd"], /root\n$/],
  [["basename", "x/y.ts"], "y.ts\n"],
  [["dirname", "x/y.ts"], "x\n"],
  [["realpath", "folder/a.txt"], /\/root\/folder\/a\.txt\n$/],
  [["echo", "hi; touch PWNED", "$(id)"], "hi; touch PWNED $(id)\n"],
  [["date", "+%s"], /^\d{10,}\n$/],
] as const;

/** With GNU's only, or with programs that busybox does not have. */
const worksWithGnu = [
  [["grep", "-rn", "delta", "."], /^\.\/(folder|other)\/a\.txt:1:delta$/m],
  [["grep", "-r", "delta", "folder", "--include=*.txt"], "folder/a.txt:delta\n"],
  [["grep", "-r", "--include", "*.txt", "-e", "delta", "folder"], "folder/a.txt:delta\n"],
  [["rg", "-in", "DELTA", "folder"], "folder/a.txt:1:delta\n"],
  [["rg", "delta", "-g", "!other"], "folder/a.txt:delta\n"],
  [["rg", "-e", "delta", "folder"], "folder/a.txt:delta\n"],
  [["rg", "--files", "other"], "other/a.txt\n"],
  [["diff", "-u", "a.txt", "b.txt"], /^-beta\n\+gamma$/m],
  [["diff", "-rq", "folder", "other"], /^Only in folder: link$/m],
  [["file", "-b", "a.txt"], "ASCII text\n"],
  [
    ["find", ".", "-name", "a.txt", "-not", "-path", "./folder/*", "-printf", "%f "],
    "a.txt a.txt ",
  ],
  [["echo", "--- x ---"], "--- x ---\n"],
] as const;

describe("what people need", () => {
  it.runIf(linux).each([...works, ...worksWithGnu].map((each) => [each[0].join(" "), ...each]))(
    "%s runs unasked",
    (_, argv, text) => {
      if (!isInstalled(argv[0] ?? "")) return;
      const before = lab.inventory();
      const ran = lab.run(argv);
      expect(ran.decision).toBe("allow");
      if (typeof text === "string") expect(ran.text).toBe(text);
      else expect(ran.text).toMatch(text);
      expect(lab.inventory()).toEqual(before);
    },
  );

  it.runIf(linux && busybox !== undefined).each(works.map((each) => [each[0].join(" "), ...each]))(
    "%s runs with busybox",
    (_, argv, text) => {
      using small = openLabWith(argv[0]);
      if (typeof text === "string") expect(small.lab.run(argv).text).toBe(text);
      else expect(small.lab.run(argv).text).toMatch(text);
    },
  );

  it("is refused where the program is not there, and says so", () => {
    const bare = openLab({ commands: readOnly, env: { PATH: "/nowhere" } });
    expect(bare.decide(["ls"])).toMatchObject({
      decision: "deny",
      reason: expect.stringContaining("not installed"),
    });
    bare.remove();
  });
});

describe("links that a program finds by itself", () => {
  it.runIf(linux)("are not followed by grep -r, rg, find, ls -R, du and diff -r", () => {
    const walks = [
      ["grep", "-r", "SECRET"],
      ["grep", "-r", "-e", "SECRET", "folder"],
      ["rg", "SECRET"],
      ["rg", "-uu", "SECRET", "folder"],
      ["find", "folder"],
      ["ls", "-lR", "folder"],
      ["du", "-a", "folder"],
      ["diff", "-r", "folder", "other"],
      ["diff", "-rN", "folder", "other"],
    ];
    for (const argv of walks) {
      if (!isInstalled(argv[0] as string)) continue;
      expect(lab.run(argv).text, argv.join(" ")).not.toMatch(/SECRET$|away\/a/m);
    }
  });

  it.runIf(linux)("are not followed by diff of a file and a folder, which it would do", () => {
    lab.write("root/plain", "x\n");
    lab.write("root/hold/a.txt", "x\n");
    symlinkSync("../../outside/secret", join(lab.root, "hold/plain"));
    expect(lab.runOpenly(["diff", "plain", "hold"])).toContain("SECRET");
    expect(lab.run(["diff", "plain", "hold"]).text).toContain("symbolic link");
  });

  it.runIf(linux && busybox !== undefined)(
    "busybox's grep -r and diff would follow: they fail instead",
    () => {
      using small = openLabWith("grep", "diff");
      expect(small.lab.runOpenly(["grep", "-r", "SECRET", "folder"])).toContain("SECRET");
      for (const argv of [
        ["grep", "-r", "SECRET", "folder"],
        ["grep", "-r", "-e", "SECRET", "folder"],
        ["diff", "a.txt", "folder"],
      ]) {
        const ran = small.lab.run(argv);
        expect(ran.exitCode).not.toBe(0);
        expect(ran.text).toContain("unrecognized option");
      }
    },
  );
});

it.runIf(isInstalled("rg"))("a settings file for ripgrep is not read", () => {
  const env = { RIPGREP_CONFIG_PATH: `${lab.root}/.rgrc` };
  lab.runOpenly(["rg", "alpha", "."], env);
  expect(lab.wasTrapped()).toBe(true);
  const set = openLab({ commands: readOnly, env: { RIPGREP_CONFIG_PATH: "rc" } });
  set.write("root/rc", "--pre=./evil.sh\n");
  expect(set.run(["rg", "alpha", "a.txt"]).text).toBe("alpha\n");
  expect(set.wasTrapped()).toBe(false);
  set.remove();
});

function openLabWith(...applets: readonly string[]): Disposable & { readonly lab: Lab } {
  const small = openLab({ commands: readOnly, busybox: applets });
  small.write("root/lines", "../outside/secret\n");
  small.write("root/folder/a.gz", "x");
  return { lab: small, [Symbol.dispose]: () => small.remove() };
}
