import { chmodSync, copyFileSync, cpSync, mkdirSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gitReadOnly } from "../../../../src/command/policy/rules/git-read-only.ts";
import { isInstalled, type Lab, openLab, titled } from "./lab.ts";

let lab: Lab;

const sameGit = { GIT_CONFIG_NOSYSTEM: "1" };

/** Made once: the tests get copies. */
let template: string;

beforeAll(() => {
  lab = openLab({ commands: {}, env: sameGit });
  template = join(lab.base, "template");
  git("init", "-q");
  git("config", "user.email", "a@b.invalid");
  git("config", "user.name", "a");
  commit("b.txt", "same\n");
  commit("a.txt", "one\n");
  commit("a.txt", "one\ntwo\n");
  rmSync(join(lab.root, ".git/hooks"), { recursive: true, force: true });
  cpSync(join(lab.root, ".git"), template, { recursive: true });
  const made = lab;
  return () => made.remove();
});

beforeEach(() => {
  lab = openLab({ commands: { git: gitReadOnly }, env: sameGit });
  cpSync(template, join(lab.root, ".git"), { recursive: true });
  lab.write("root/b.txt", "same\n");
  lab.write("root/a.txt", "one\nxxx\n");
  // Of the same size and another time: git has to read it.
  utimesSync(join(lab.root, "a.txt"), 2e9, 2e9);
});

afterEach(() => lab.remove());

function git(...rest: readonly string[]): string {
  return lab.runOpenly(["git", ...rest], sameGit).trim();
}

function commit(path: string, text: string): void {
  lab.write(`root/${path}`, text);
  git("add", path);
  git("commit", "-q", "-m", "change");
}

/** Gives the last commit a header as if it were signed. */
function sign(kind: string): void {
  const plain = git("cat-file", "commit", "HEAD");
  const header = `gpgsig -----BEGIN ${kind}-----\n \n abc\n -----END ${kind}-----\n`;
  lab.write("commit", `${plain.replace(/^(committer .*\n)/m, `$1${header}`)}\n`);
  git("update-ref", "HEAD", git("hash-object", "-t", "commit", "-w", join(lab.base, "commit")));
}

/** Makes the repository one that fetches the file of the first commit when it is looked at. */
function makePartial(url: string, ...settings: readonly (readonly [string, string])[]): void {
  git("config", "core.repositoryformatversion", "1");
  git("config", "extensions.partialClone", "origin");
  git("config", "remote.origin.promisor", "true");
  git("config", "remote.origin.url", url);
  for (const [name, value] of settings) git("config", name, value);
  const object = git("rev-parse", "HEAD~1:a.txt");
  rmSync(join(lab.root, ".git/objects", object.slice(0, 2), object.slice(2)));
}

function driver(...settings: readonly (readonly [string, string])[]): void {
  lab.write("root/.gitattributes", "*.txt diff=x filter=x\n");
  for (const [name, value] of settings) git("config", name, value);
}

const commands = [
  ["status"],
  ["status", "--short"],
  ["diff"],
  ["diff", "--cached"],
  ["diff", "HEAD~1", "HEAD"],
  ["log", "-p", "-2"],
  ["log", "--format=%h %G? %GS"],
  ["show", "HEAD"],
  ["blame", "a.txt"],
  ["blame", "HEAD", "a.txt"],
  ["branch", "-vv"],
  ["ls-files", "-m"],
  ["rev-parse", "HEAD"],
] as const;

/** What a repository can bring along, and a command that springs it without the rule. */
const traps: readonly (readonly [string, readonly string[], () => void])[] = [
  ["core.fsmonitor", ["status"], () => git("config", "core.fsmonitor", lab.evil)],
  ["diff.external", ["diff"], () => git("config", "diff.external", lab.evil)],
  ["diff.x.command", ["diff"], () => driver(["diff.x.command", lab.evil])],
  ["diff.x.textconv", ["log", "-p"], () => driver(["diff.x.textconv", lab.evil])],
  [
    "core.pager",
    ["--paginate", "-c", "core.pager=true", "log"],
    () => {
      git("config", "core.pager", lab.evil);
      git("config", "pager.log", lab.evil);
    },
  ],
  [
    "hooks",
    ["status"],
    () => {
      mkdirSync(join(lab.root, ".git/hooks"), { recursive: true });
      for (const name of ["post-index-change", "reference-transaction", "post-checkout"]) {
        copyFileSync(lab.evil, join(lab.root, ".git/hooks", name));
        chmodSync(join(lab.root, ".git/hooks", name), 0o755);
      }
    },
  ],
  [
    "core.hooksPath",
    ["status"],
    () => {
      mkdirSync(join(lab.base, "hooks"));
      copyFileSync(lab.evil, join(lab.base, "hooks/post-index-change"));
      git("config", "core.hooksPath", join(lab.base, "hooks"));
    },
  ],
  [
    "log.showSignature and gpg.program",
    ["log"],
    () => {
      sign("PGP SIGNATURE");
      git("config", "log.showSignature", "true");
      git("config", "gpg.program", lab.evil);
    },
  ],
  [
    "format.pretty and gpg.openpgp.program",
    ["log"],
    () => {
      sign("PGP SIGNATURE");
      git("config", "format.pretty", "%G?");
      git("config", "gpg.openpgp.program", lab.evil);
    },
  ],
  [
    "gpg.ssh.program",
    ["log", "--format=%G?"],
    () => {
      sign("SSH SIGNATURE");
      lab.write("signers", "");
      git("config", "gpg.ssh.allowedSignersFile", join(lab.base, "signers"));
      git("config", "gpg.ssh.program", lab.evil);
    },
  ],
  [
    "gpg.x509.program",
    ["log", "--format=%G?"],
    () => {
      sign("SIGNED MESSAGE");
      git("config", "gpg.x509.program", lab.evil);
    },
  ],
  [
    "a missing object over ext::",
    ["log", "-p"],
    () => makePartial(`ext::${lab.evil}`, ["protocol.ext.allow", "always"]),
  ],
  [
    "a missing object and remote.origin.uploadpack",
    ["log", "-p"],
    () => makePartial(join(lab.root, ".git"), ["remote.origin.uploadpack", lab.evil]),
  ],
  [
    "a missing object and core.sshCommand",
    ["log", "-p"],
    () =>
      makePartial(
        "ssh://h.invalid/x",
        ["core.sshCommand", lab.evil],
        ["protocol.ssh.allow", "always"],
      ),
  ],
  [
    "a missing object and core.gitProxy",
    ["log", "-p"],
    () => makePartial("git://h.invalid/x", ["core.gitProxy", lab.evil]),
  ],
  [
    "a submodule's own settings",
    ["status"],
    () => {
      git(
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "-q",
        join(lab.root, ".git"),
        "sm",
      );
      git("commit", "-q", "-m", "sm");
      git("config", "-f", ".git/modules/sm/config", "core.fsmonitor", lab.evil);
      git("config", "-f", ".git/modules/sm/config", "diff.external", lab.evil);
      git("config", "diff.submodule", "diff");
      git("config", "status.submoduleSummary", "true");
      git("config", "submodule.sm.ignore", "none");
      lab.write("root/sm/a.txt", "changed\n");
    },
  ],
];

describe.runIf(isInstalled("git"))("git, when it is approved", () => {
  it.each(traps)("%s does not spring", (name, sprung, lay) => {
    lay();
    lab.wasTrapped();
    git(...sprung);
    // The pager only runs on a terminal.
    if (name !== "core.pager") expect(lab.wasTrapped(), "the trap works").toBe(true);
    for (const rest of commands) {
      lab.run(["git", ...rest]);
      expect(lab.wasTrapped(), rest.join(" ")).toBe(false);
    }
  });

  it("an alias is no other command", () => {
    git("config", "alias.status", `!${lab.evil}`);
    expect(lab.run(["git", "status", "--short"]).text).toContain("M a.txt");
    expect(lab.wasTrapped()).toBe(false);
  });

  it("core.worktree does not lead elsewhere", () => {
    git("config", "core.worktree", lab.outside);
    expect(git("diff")).toContain("SECRET");
    for (const rest of commands) expect(lab.run(["git", ...rest]).text).not.toContain("SECRET");
  });

  it("blame.ignoreRevsFile is not read: the complaint would show its first line", () => {
    git("config", "blame.ignoreRevsFile", join(lab.outside, "secret"));
    expect(git("blame", "a.txt")).toContain("SECRET");
    const ran = lab.run(["git", "blame", "a.txt"]);
    expect(ran).toMatchObject({ exitCode: 0, text: expect.stringContaining("xxx") });
  });

  it("a repository among the files, or above them, is not used", () => {
    git("init", "-q", "--bare", "folder/bare");
    git("-C", "folder/bare", "config", "core.fsmonitor", lab.evil);
    git("-C", "folder/bare", "config", "core.worktree", lab.root);
    git("-C", "folder/bare", "config", "--unset", "core.bare");
    git("-C", "folder/bare", "status");
    expect(lab.wasTrapped(), "the trap works").toBe(true);
    for (const cwd of ["folder/bare", "folder"]) {
      const ran = lab.run(["git", "status"], { cwd });
      expect(ran).toMatchObject({ exitCode: 128, text: expect.stringContaining("not a git repo") });
    }
    expect(lab.wasTrapped()).toBe(false);
  });

  it.each([
    ["filter.x.clean", () => driver(["filter.x.clean", `${lab.evil}; cat`])],
    ["filter.x.process", () => driver(["filter.x.process", lab.evil])],
  ])("%s is not closed where a changed file is read, which is why it asks", (_, lay) => {
    lay();
    lab.run(["git", "diff"]);
    expect(lab.wasTrapped()).toBe(true);
    for (const rest of [
      ["log", "-p"],
      ["show", "HEAD"],
      ["diff", "--cached"],
      ["diff", "HEAD~1", "HEAD"],
      ["blame", "HEAD", "a.txt"],
      ["ls-files"],
      ["branch", "-v"],
      ["rev-parse", "HEAD"],
    ]) {
      lab.run(["git", ...rest]);
      expect(lab.wasTrapped(), rest.join(" ")).toBe(false);
    }
  });

  it("a .git that leads to another repository is not closed", () => {
    const other = join(lab.base, "elsewhere");
    git("init", "-q", other);
    lab.write("elsewhere/x", "SECRET\n");
    git("-C", other, "add", "x");
    git("-C", other, "-c", "user.name=a", "-c", "user.email=a@b.invalid", "commit", "-qm", "x");
    rmSync(join(lab.root, ".git"), { recursive: true });
    lab.write("root/.git", `gitdir: ${other}/.git\n`);
    expect(lab.run(["git", "show", "HEAD:x"]).text).toContain("SECRET");
  });

  it.each([
    [["status", "-sb", "--untracked-files=no"], /^## .*\n M a\.txt\n$/],
    [["diff"], /^-two\n\+xxx$/m],
    [["diff", "--stat", "--", "a.txt"], /1 file changed/],
    [["diff", "HEAD~1", "--name-only"], "a.txt\n"],
    [["log", "--oneline", "-n", "1"], /^[0-9a-f]+ change\n$/],
    [["log", "--format=%s", "HEAD~1..HEAD", "--", "a.txt"], "change\n"],
    [["log", "-1", "--author", "a", "--since=2.weeks", "--format=%an"], "a\n"],
    [["show", "HEAD:a.txt"], "one\ntwo\n"],
    [["show", "--stat", "HEAD"], /a\.txt/],
    [["blame", "-L", "1,1", "a.txt"], /one\n$/],
    [["branch", "--show-current"], /^\w+\n$/],
    [["ls-files", "--others", "--exclude-standard"], /evil\.sh/],
    [["rev-parse", "--abbrev-ref", "HEAD"], /^\w+\n$/],
  ] as const)("git %s shows what it should", (rest, text) => {
    const ran = lab.run(["git", ...rest]);
    expect(ran).toMatchObject({ decision: "ask", exitCode: 0 });
    if (typeof text === "string") expect(ran.text).toBe(text);
    else expect(ran.text).toMatch(text);
  });
});

describe.runIf(isInstalled("git"))("what git may not be asked", () => {
  it.each(
    titled([
      ["-c", "core.pager=./evil.sh", "-p", "log"],
      ["-c", "alias.x=!./evil.sh", "x"],
      ["-C", "../outside", "status"],
      ["--git-dir=../outside/.git", "log"],
      ["--exec-path=.", "status"],
      ["--config-env=core.fsmonitor=HOME", "status"],
      ["-p", "log"],
      ["diff", "--output=new"],
      ["diff", "--outp=new"],
      ["log", "--output", "new"],
      ["show", "--ext-diff"],
      ["show", "--textconv", "HEAD"],
      ["log", "--show-signature"],
      ["diff", "--no-index", "a.txt", "b.txt"],
      ["diff", "../outside/secret", "/dev/null"],
      ["diff", "link", "a.txt"],
      ["diff", "-O../outside/secret"],
      ["diff", "--submodule=diff"],
      ["diff", "--ignore-submodules=none"],
      ["status", "--ignore-submodules=none"],
      ["blame", "--contents", "../outside/secret", "a.txt"],
      ["blame", "--ignore-revs-file=link", "a.txt"],
      ["blame", "-S", "link", "a.txt"],
      ["ls-files", "-X", "link"],
      ["ls-files", "--recurse-submodules"],
      ["grep", "--open-files-in-pager=./evil.sh", "x"],
      ["branch", "-D", "main"],
      ["branch", "new"],
      ["branch", "--list", "-f", "main", "HEAD"],
      ["branch", "--edit-description"],
      ["rev-parse", "--parseopt"],
      ["bisect", "run", "./evil.sh"],
      ["ls-remote", "ext::./evil.sh"],
      ["clone", "-u", "./evil.sh", "--", ".", "new"],
      ["archive", "--remote=ext::./evil.sh", "HEAD"],
      ["fetch"],
      ["pull"],
      ["push"],
      ["commit", "--amend"],
      ["checkout", "."],
      ["stash"],
      ["config", "core.fsmonitor", "./evil.sh"],
      ["difftool"],
      ["help", "-w"],
      ["submodule", "foreach", "./evil.sh"],
      [],
    ]),
  )("git %s is refused", (_, rest) => {
    expect(lab.decide(["git", ...rest])).toMatchObject({ decision: "deny" });
  });
});
