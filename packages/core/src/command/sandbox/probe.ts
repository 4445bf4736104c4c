import { existsSync } from "node:fs";
import { mkdtemp, readFile, readlink, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { aside } from "../aside.ts";
import { shell, systemPath } from "../platform.ts";
import { isInside } from "../policy/inside.ts";
import { canResetTerm } from "./gentle-end.ts";
import type { SandboxCommand } from "./sandbox.ts";

interface ProbeOptions {
  /** The sandbox's name. */
  readonly name: string;
  wrap(command: SandboxCommand): Promise<SandboxCommand>;
  readonly cwd: string;
  /** Folders that commands may reach. */
  readonly reachable: readonly string[];
}

/** What a command in the sandbox could do. */
export interface Observation {
  /** Of `mnt`, `net` and `pid`: those that are not this process's own. Linux only. */
  readonly ownNamespaces: ReadonlySet<string>;
  readonly wroteOutside: boolean;
  readonly sawOutside: boolean;
  /** It could change settings of the kernel, and by them run what it likes outside. */
  readonly setsKernel: boolean;
  /** To a server of this process. Undefined when no program in the sandbox could try. */
  readonly connected: boolean | undefined;
  /** A signal that is ignored can be set back to its default inside. */
  readonly resetsTerm: boolean;
}

/** Milliseconds; it takes less than a hundredth of that on an idle machine. */
const timeoutMs = 15_000;

/**
 * Runs a command in the sandbox that tries what it should not be able to do, and looks from the
 * outside at what it did.
 *
 * @throws MeanwhileError `SANDBOX` when the command does not run to its end
 */
export async function probe(options: ProbeOptions): Promise<Observation> {
  const { name } = options;
  const outside = await makeFolderOutside(name, options.reachable);
  const listener = await listen();
  try {
    const command = {
      executable: shell,
      argv: [shell, "-c", script, shell, outside, String(listener.port)],
      cwd: options.cwd,
      env: { PATH: systemPath },
    };
    const said = await run(name, await options.wrap(command), outside);
    return {
      ownNamespaces: await otherNamespaces(said),
      wroteOutside: existsSync(join(outside, "written")),
      sawOutside: said.includes("saw outside"),
      setsKernel: said.includes("sets kernel"),
      connected: listener.wasReached() || (said.includes("not connected") ? false : undefined),
      resetsTerm: said.includes("resets TERM"),
    };
  } finally {
    listener.close();
    await rm(outside, { recursive: true, force: true });
  }
}

/** bash says `connect:` only when it tried; without network redirections it looks for a file. */
const script = `
for kind in mnt net pid; do echo "$kind $(readlink "/proc/self/ns/$kind")"; done
(: >"$1/written") 2>/dev/null
[ ! -e "$1/secret" ] || echo "saw outside"
[ ! -w /proc/sys/kernel/core_pattern ] || echo "sets kernel"
case $(LC_ALL=C bash -c ': <>"/dev/tcp/127.0.0.1/$1"' bash "$2" 2>&1) in
  *connect:*) echo "not connected" ;;
esac
${canResetTerm} 2>/dev/null && echo "resets TERM"
echo end
`;

/** A new folder where commands must not be able to write. */
async function makeFolderOutside(name: string, reachable: readonly string[]): Promise<string> {
  for (const folder of [tmpdir(), homedir(), "/var/tmp", "/dev/shm"]) {
    if (reachable.some((other) => isInside(other, folder))) continue;
    try {
      const outside = await mkdtemp(join(folder, "meanwhile-probe-"));
      await writeFile(join(outside, "secret"), "", { mode: 0o600 });
      return outside;
    } catch {
      // Not writable for us either.
    }
  }
  throw new MeanwhileError(
    "SANDBOX",
    `The sandbox ${name} cannot be tested, since there is no folder to try a write outside it. Make ${tmpdir()} writable for this process, and leave it out of the folders that commands may reach.`,
  );
}

async function run(
  name: string,
  { executable, argv, cwd, env }: SandboxCommand,
  outside: string,
): Promise<readonly string[]> {
  const { execa } = await import("execa");
  // Files, as a process that holds a pipe would keep us waiting.
  const [stdout, stderr] = [join(outside, "stdout"), join(outside, "stderr")];
  const result = await execa(executable, argv.slice(1), {
    cwd,
    env,
    ...aside,
    stdin: "ignore",
    stdout: { file: stdout },
    stderr: { file: stderr },
    timeout: timeoutMs,
    killSignal: "SIGKILL",
    buffer: false,
  });
  const said = (await readFile(stdout, "utf8").catch(() => "")).split("\n");
  if (result.exitCode === 0 && said.includes("end")) return said;
  const complaint = (await readFile(stderr, "utf8").catch(() => "")).trim().slice(-500);
  const why = result.timedOut
    ? `it took longer than ${timeoutMs / 1_000} s`
    : complaint || (result.cause as Error | undefined)?.message || `exit code ${result.exitCode}`;
  throw new MeanwhileError(
    "SANDBOX",
    `No command runs in the sandbox ${name}: ${why}. Unprivileged user namespaces must be allowed (on Ubuntu: sysctl kernel.apparmor_restrict_unprivileged_userns=0; in Docker: a seccomp profile that lets unshare and mount pass), and ${shell} and the programs of ${systemPath} visible.`,
    { cause: result.cause },
  );
}

async function otherNamespaces(said: readonly string[]): Promise<ReadonlySet<string>> {
  const others = new Set<string>();
  for (const kind of ["mnt", "net", "pid"]) {
    const own = await readlink(`/proc/self/ns/${kind}`).catch(() => "");
    const inside = said.find((line) => line.startsWith(`${kind} ${kind}:[`));
    if (own !== "" && inside !== undefined && inside !== `${kind} ${own}`) others.add(kind);
  }
  return others;
}

interface Listener {
  readonly port: number;
  wasReached(): boolean;
  close(): void;
}

/** A server of this process, on the loopback address, that nothing in the sandbox may reach. */
async function listen(): Promise<Listener> {
  let reached = false;
  const server = createServer((socket) => {
    reached = true;
    socket.destroy();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, wasReached: () => reached, close: () => server.close() };
}
