import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandPolicy } from "../../src/command/policy/policy.ts";

/** Every process that a test starts inherits this, so that none can be overlooked. */
const variable = "MEANWHILE_TEST_FILE";

export interface AnyCommand extends CommandPolicy {
  /** Resolves with the commands that were started and are still there, as text. */
  survivors(): Promise<readonly string[]>;
  /** Resolves when nothing that was started is left. */
  allGone(): Promise<void>;
  /** For the end of a test file: kills the survivors, and gives what they were. */
  endSurvivors(): Promise<readonly string[]>;
}

/** Allows everything, in the system's folder for temporary files or where the request says. */
export function anyCommand(label: string, env: Readonly<Record<string, string>> = {}): AnyCommand {
  const find = async (): Promise<readonly string[]> => {
    const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
    const found = await Promise.all(pids.map((pid) => describe(pid, label)));
    return found.filter((text) => text !== undefined);
  };
  return {
    decide: ({ argv = [], cwd, env: asked = {} }) => ({
      decision: "allow",
      grant: {
        executable: which(argv[0] ?? ""),
        argv,
        cwd: cwd ?? tmpdir(),
        env: { PATH: "/usr/local/bin:/usr/bin:/bin", [variable]: label, ...env, ...asked },
      },
    }),
    survivors: find,
    async allGone() {
      while ((await find()).length > 0);
    },
    async endSurvivors() {
      // Those that are about to end have a moment for it.
      const until = performance.now() + 3_000;
      let found = await find();
      while (found.length > 0 && performance.now() < until) found = await find();
      for (const text of found) process.kill(Number.parseInt(text, 10), "SIGKILL");
      return found;
    },
  };
}

function which(name: string): string {
  if (name.startsWith("/")) return name;
  const folders = ["/usr/local/bin", "/usr/bin", "/bin"];
  const folder = folders.find((each) => existsSync(join(each, name)));
  return join(folder ?? "/usr/bin", name);
}

async function describe(pid: string, label: string): Promise<string | undefined> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, "latin1");
    if (!environment.split("\0").includes(`${variable}=${label}`)) return undefined;
    const status = await readFile(`/proc/${pid}/status`, "latin1");
    if (/^State:\s+[ZX]/m.test(status)) return undefined;
    return `${pid} ${(await readFile(`/proc/${pid}/cmdline`, "latin1")).replaceAll("\0", " ")}`;
  } catch {
    return undefined;
  }
}
