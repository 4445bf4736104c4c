import { execFile } from "node:child_process";
import { mkdtemp, readdir, realpath, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Package } from "./packages.ts";

const execute = promisify(execFile);

/** Packs the packages and installs them, and what their examples need, into a new, empty folder. */
export async function installPacked(packages: Package[]): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), "meanwhile-packed-")));
  for (const { directory } of packages) {
    await run(directory, "npx", ["--yes", "pnpm@12.21.0", "pack", "--pack-destination", folder]);
  }
  const tarballs = (await readdir(folder)).map((file) => `./${file}`);
  await writeFile(join(folder, "package.json"), `{ "private": true, "type": "module" }\n`);
  const others = ["zod@4", "@types/node@22"];
  await run(folder, "npm", ["install", "--no-audit", "--no-fund", ...tarballs, ...others]);
  return folder;
}

/** Installs the oldest Node that the packages say they run on, and gives the path of its program. */
export async function installOldestNode(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "meanwhile-node-"));
  await writeFile(join(folder, "package.json"), `{ "private": true }\n`);
  await run(folder, "npm", ["install", "--no-audit", "--no-fund", "node@22.13.0"]);
  return join(folder, "node_modules/node/bin/node");
}

/** Runs a program to its end and returns what it printed. Throws, with that, when it fails. */
export async function run(cwd: string, program: string, args: string[]): Promise<string> {
  try {
    const { stdout, stderr } = await execute(program, args, { cwd });
    return stdout + stderr;
  } catch (cause) {
    const { stdout, stderr } = cause as { stdout: string; stderr: string };
    throw new Error(`${program} failed in ${cwd}:\n${stdout}${stderr}`, { cause });
  }
}
