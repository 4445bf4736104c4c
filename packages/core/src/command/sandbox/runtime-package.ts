import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { MeanwhileError } from "../../errors.ts";

/** What is used of the package's `SandboxManager`, of which a process has one. */
export interface RuntimeManager {
  initialize(config: never): Promise<void>;
  /** What it was last initialized with. */
  getConfig(): unknown;
  /** Undefined while it is not initialized. */
  getProxyPort(): number | undefined;
  wrapWithSandbox(
    command: string,
    shell: undefined,
    config: undefined,
    signal: undefined,
    options: { readonly commandId: string },
  ): Promise<string>;
  cleanupAfterCommand(): void;
  reset(): Promise<void>;
}

const methods: readonly (keyof RuntimeManager)[] = [
  "initialize",
  "getConfig",
  "getProxyPort",
  "wrapWithSandbox",
  "cleanupAfterCommand",
  "reset",
];

/**
 * Imports the package, which is no dependency: as seen from here, else from the current directory,
 * for installations that show a package only what it depends on.
 *
 * @throws MeanwhileError `SANDBOX` that says what to install
 */
export async function loadRuntime(name = "@anthropic-ai/sandbox-runtime"): Promise<RuntimeManager> {
  const loaded = await load(name).catch((cause: unknown) => {
    throw new MeanwhileError(
      "SANDBOX",
      `The package ${name} cannot be loaded. Install it beside your program: npm install ${name}`,
      { cause },
    );
  });
  const manager = (loaded as { readonly SandboxManager?: unknown }).SandboxManager;
  if (isRuntimeManager(manager)) return manager;
  throw new MeanwhileError(
    "SANDBOX",
    `This version of ${name} is not supported. Install 0.0.83: npm install ${name}@0.0.83`,
  );
}

/** With a name that no bundler can follow, as the package may be missing. */
async function load(name: string): Promise<unknown> {
  try {
    return await import(name);
  } catch (error) {
    try {
      const path = createRequire(join(process.cwd(), "package.json")).resolve(name);
      return await import(pathToFileURL(path).href);
    } catch {
      throw error;
    }
  }
}

function isRuntimeManager(value: unknown): value is RuntimeManager {
  if (typeof value !== "object" || value === null) return false;
  return methods.every((method) => typeof (value as RuntimeManager)[method] === "function");
}
