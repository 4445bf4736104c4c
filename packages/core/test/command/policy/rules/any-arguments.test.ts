import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { readOnly } from "../../../../src/command/policy/rules/read-only.ts";
import { busybox, isInstalled, openLab } from "./lab.ts";

/** Flags and values that mean trouble to a program, or to the reading of what comes after them. */
const pools: Readonly<Record<string, string>> = {
  ls: "-l -R -L -H -laR --dereference -I -w --color=always",
  cat: "-n -nb -",
  head: "-n -n5 -c -5 --lines=-1",
  tail: "-n +1 -f -F --pid -n+1 -q",
  wc: "-l --files0-from=a.txt -L",
  sort: "-o -onew -k 1 -t / -m --files0-from -T --compress-prog=./evil.sh -S 1b -t/",
  uniq: "-c -f 1 new",
  cut: "-d / -f 1 -f1 -d/",
  sed: "-n 1p 1,5p wnew 1e./evil.sh -i -e -s 1,$p",
  diff: "-r -u -N -ru --to-file -q -l --from-file -x -y",
  stat: "-c %n -f -L -t --format=%N",
  file: "-b -C -m -f -z -L -i -h",
  du: "-a -L -D -H -s -d 1 --files0-from=a.txt -ab",
  grep: "-r -rn alpha -e -R -f / -rl --include * -H -d recurse -i",
  rg: "-n alpha -e -L --pre ./evil.sh -f --files -z / -g !x -in --pre=./evil.sh --follow",
  find: "-name * -exec ./evil.sh ; -delete -L ( ) ! -not -o -fprint new -printf %p -type f -H",
  realpath: "-e -m",
  sha256sum: "-c -b",
  basename: "-a -s",
  date: "-u +%s -s @0 -f 01010101",
};

const paths =
  "a.txt folder . link away folder/link folder/away ../outside/secret /etc/passwd away/a.txt -- .. folder/.. away/.. folder/.";

const digest = createHash("sha256").update("SECRET\n").digest("hex");
const systems = [
  ["those installed", []],
  ["busybox's", Object.keys(pools).filter((name) => name !== "rg" && name !== "file")],
] as const;

describe.each(systems)("whatever is allowed, of %s", (_, applets) => {
  const runs = applets.length === 0 || busybox !== undefined;
  const programs = Object.entries(pools);

  it.runIf(runs).each(programs)("%s neither writes, runs nor reads elsewhere", (name, pool) => {
    if (!isInstalled(name)) return;
    const lab = openLab({ commands: readOnly, busybox: applets });
    const before = lab.inventory();
    const tokens = [...pool.split(" "), ...paths.split(" ")];
    const next = lottery();
    let ran = 0;
    for (let tries = 0; tries < 3_000 && ran < 25; tries += 1) {
      const rest = Array.from({ length: 1 + next(5) }, () => tokens[next(tokens.length)] as string);
      const argv = [name, ...rest];
      if (lab.decide(argv).decision === "deny") continue;
      ran += 1;
      const { text } = lab.run(argv);
      expect(text, argv.join(" ")).not.toMatch(/SECRET|root:x/);
      expect(text, argv.join(" ")).not.toContain(digest);
      expect(lab.wasTrapped(), argv.join(" ")).toBe(false);
      expect(lab.inventory(), argv.join(" ")).toEqual(before);
    }
    expect(ran).toBeGreaterThan(0);
    lab.remove();
  });
});

/** The same numbers on each run: a linear congruential generator. */
function lottery(): (limit: number) => number {
  let seed = 12_345;
  return (limit) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return (seed >> 8) % limit;
  };
}
