import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new folder, gone after the test. */
export function makeFolder(parent: string = tmpdir()): string {
  const folder = realpathSync(mkdtempSync(join(parent, "meanwhile-sandbox-")));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A file that nothing in a sandbox may read. */
export function makeCanary(folder: string): string {
  const file = join(folder, "canary");
  writeFileSync(file, "tweet\n");
  return file;
}

/** A server of this process on the loopback address; `connections` of its clients so far. */
export async function openServer(): Promise<{ readonly port: number; connections(): number }> {
  let connections = 0;
  const server = createServer((socket) => {
    connections++;
    socket.end("served\n");
  });
  onTestFinished(() => {
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, connections: () => connections };
}
