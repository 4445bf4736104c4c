import { mkdtemp, readdir, readFile, realpath, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface DownloadFolder extends AsyncDisposable {
  readonly path: string;
  /** Names of what is in it, sorted. */
  names(): Promise<string[]>;
  read(name: string): Promise<Buffer>;
}

/** A real folder that is deleted with what is in it. */
export async function downloadFolder(): Promise<DownloadFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "meanwhile-download-")));
  return {
    path,
    names: async () => (await readdir(path)).sort(),
    read: (name) => readFile(join(path, name)),
    async [Symbol.asyncDispose]() {
      await rm(path, { recursive: true, force: true });
    },
  };
}
