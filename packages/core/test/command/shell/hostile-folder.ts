import { chmod, mkdir, mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A place in which whatever a shell would expand finds something. */
export interface HostileFolder {
  /** Where lines run. */
  readonly cwd: string;
  /** The only folder of the PATH. All programs in it are the same recorder. */
  readonly bin: string;
  readonly scratch: string;
  addProgram(name: string): Promise<void>;
  remove(): Promise<void>;
}

export async function createHostileFolder(): Promise<HostileFolder> {
  const base = await realpath(await mkdtemp(join(tmpdir(), "meanwhile-shell-")));
  const [cwd, bin, scratch] = [join(base, "cwd"), join(base, "bin"), join(base, "scratch")];
  for (const folder of [cwd, bin, scratch]) await mkdir(folder);
  await Promise.all(fileNames.map((name) => writeFile(join(cwd, name), "")));
  const recorder = join(base, "recorder");
  await writeFile(recorder, recorderScript);
  await chmod(recorder, 0o755);
  await symlink(recorder, join(cwd, "here"));
  const programs = new Set<string>();
  return {
    cwd,
    bin,
    scratch,
    async addProgram(name) {
      if (programs.has(name)) return;
      programs.add(name);
      await symlink(recorder, join(bin, name));
    },
    remove: () => rm(base, { recursive: true, force: true }),
  };
}

/** Names that a glob finds, that look like flags, and what words of the fuzz are made of. */
const fileNames = [
  ..."ab1-=~*?%+,:@^#!{}[]",
  ...["-la", "--", "--context", "-n", "-rf", "a b", "a=b", "=ls", "=echo", "~root", "~+", "a:b"],
  ...["*", "[a]", "?(a)", "ab", "a.txt", "b.txt", "x\ny", "$HOME", "`id`", ";", "&&", "'", '"'],
  ...["%1", "@(a)", "{a,b}", "+x", "..a", "#a", "a#b", "é", "；"],
];

/** Writes what the functions of `recordLines` write, as a program. */
const recorderScript = `#!/bin/sh
in=- out=-
test -p /dev/fd/0 && in=p
test -p /dev/fd/1 && out=p
printf '%s\\000' "$#" "$in$out" "\${0##*/}" "$@" >>"$MEANWHILE_RECORD"
exit $(($# % 2))
`;
