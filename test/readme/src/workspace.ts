import { mkdtemp, realpath, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new folder from which the packages can be imported, gone with `await using`. */
export interface Workspace extends AsyncDisposable {
  path: string;
}

export async function createWorkspace(files: { name: string; text: string }[]): Promise<Workspace> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "meanwhile-readme-")));
  await symlink(join(import.meta.dirname, "../node_modules"), join(path, "node_modules"));
  for (const { name, text } of [
    { name: "package.json", text: '{ "type": "module" }\n' },
    ...files,
  ]) {
    await writeFile(join(path, name), text);
  }
  return {
    path,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}
