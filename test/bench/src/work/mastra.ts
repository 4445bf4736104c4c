import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { MockLanguageModelV4 } from "ai/test";

const versions = ["@mastra/core@1.71.0", "@mastra/memory@1.31.0", "@mastra/libsql@1.23.1", "zod@4"];
const patienceMs = 100_000;

/** Installs it into a folder, since it is too large for a dependency of ours. */
export function installMastra(folder: string): void {
  writeFileSync(join(folder, "package.json"), '{ "private": true }\n');
  const flags = ["--no-audit", "--no-fund", "--loglevel=error"];
  const { status, error, stderr } = spawnSync("npm", ["install", ...flags, ...versions], {
    cwd: folder,
    encoding: "utf8",
    timeout: patienceMs,
  });
  if (status === 0) return;
  writeFileSync(
    reasonFile(folder),
    String(error?.message ?? stderr)
      .trim()
      .slice(0, 300),
  );
}

/** Why it is not there, if it is not. */
export function whyNoMastra(folder: string): string | undefined {
  const file = reasonFile(folder);
  if (!existsSync(file)) return undefined;
  return `${versions.join(" ")} could not be installed (${readFileSync(file, "utf8")})`;
}

function reasonFile(folder: string): string {
  return join(folder, "not-installed.txt");
}

/** What is used of it here. */
interface Mastra {
  readonly Agent: new (options: object) => object;
  readonly Mastra: new (options: object) => { getAgent(name: string): MastraAgent };
  readonly Memory: new (options: object) => object;
  readonly LibSQLStore: new (options: object) => object;
  readonly z: { object(shape: object): unknown; number(): unknown };
  createTool(options: object): object;
}

const modules = [
  "@mastra/core",
  "@mastra/core/agent",
  "@mastra/core/tools",
  "@mastra/memory",
  "@mastra/libsql",
  "zod",
];

interface MastraAgent {
  stream(prompt: string, options: object): Promise<{ fullStream: AsyncIterable<unknown> }>;
}

/** An agent as its documentation makes it, with one tool that runs in the background. */
export function mastraAgent(
  folder: string,
  model: MockLanguageModelV4,
  execute: (input: { topic: number }) => Promise<string>,
  database: string,
): MastraAgent {
  const load = createRequire(join(folder, "package.json"));
  const { Mastra, Agent, Memory, LibSQLStore, createTool, z } = Object.assign(
    {},
    ...modules.map((name) => load(name)),
  ) as Mastra;
  const storage = new LibSQLStore({ id: "storage", url: `file:${database}` });
  const research = createTool({
    id: "research",
    description: "Looks something up.",
    inputSchema: z.object({ topic: z.number() }),
    background: { enabled: true },
    execute,
  });
  const agent = new Agent({
    id: "agent",
    name: "agent",
    instructions: "Answer.",
    model,
    tools: { research },
    memory: new Memory({ storage, options: { lastMessages: 100 } }),
  });
  const agents = { agent };
  const mastra = new Mastra({ agents, storage, logger: false, backgroundTasks: { enabled: true } });
  return mastra.getAgent("agent");
}
