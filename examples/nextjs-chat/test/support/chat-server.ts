import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

export interface ChatServer extends AsyncDisposable {
  readonly url: string;
  /** The folder that a restart finds everything in. */
  readonly state: string;
  /** Ends the server, and resolves with its exit code when it is gone. */
  kill(signal: NodeJS.Signals): Promise<number | null>;
  /** Starts it again, on the same port and the same state. */
  start(): Promise<void>;
}

const folder = fileURLToPath(new URL("../..", import.meta.url));
const next = fileURLToPath(import.meta.resolve("next/dist/bin/next"));

/** The production build of the chat, on free ports and with a state of its own. */
export async function startChat(
  settings: Readonly<Record<string, string>> = {},
): Promise<ChatServer> {
  const [port, samplePort] = await Promise.all([freePort(), freePort()]);
  const state = await mkdtemp(join(tmpdir(), "nextjs-chat-"));
  let child: ChildProcess | undefined;

  async function kill(signal: NodeJS.Signals): Promise<number | null> {
    if (child === undefined) return null;
    const dying = child;
    child = undefined;
    const exit = once(dying, "exit");
    dying.kill(signal);
    return (await exit)[0] as number | null;
  }

  async function start(): Promise<void> {
    child = spawn(process.execPath, [next, "start", "-H", "127.0.0.1", "-p", String(port)], {
      cwd: folder,
      env: environment({ STATE_FOLDER: state, SAMPLE_PORT: String(samplePort), ...settings }),
      stdio: ["ignore", "pipe", "pipe"],
    });
    await lineOf(child, /Ready in/);
  }

  await start();
  return {
    url: `http://127.0.0.1:${port}`,
    state,
    kill,
    start,
    async [Symbol.asyncDispose]() {
      await kill("SIGKILL");
      await rm(state, { recursive: true, force: true });
    },
  };
}

/** What the chat runs with: no key of a provider, whatever the machine has. */
export function environment(settings: Readonly<Record<string, string>>): NodeJS.ProcessEnv {
  return {
    PATH: process.env["PATH"],
    HOME: process.env["HOME"],
    NODE_ENV: "production",
    NEXT_TELEMETRY_DISABLED: "1",
    NEXT_MANUAL_SIG_HANDLE: "1",
    ...settings,
  };
}

/** Resolves with the first line of its output that matches. */
export async function lineOf(child: ChildProcess, pattern: RegExp): Promise<string> {
  const found = Promise.withResolvers<string>();
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    if (output === null) throw new Error("Its output is not read.");
    // To the end, so that it never blocks.
    createInterface(output).on("line", (line) => {
      lines.push(line);
      if (pattern.test(line)) found.resolve(line);
    });
  }
  child.once("exit", () => found.reject(new Error(`It ended:\n${lines.join("\n")}`)));
  return found.promise;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("It has no port.");
  return address.port;
}
