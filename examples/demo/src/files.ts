import { readFile, writeFile } from "node:fs/promises";
import { type DownloadServer, startDownloadServer } from "./download-server.ts";

/**
 * Serves the file of the demo. The port is kept beside the store: a download that goes on after a
 * restart asks the URL that it began with.
 *
 * @throws the system's error `EADDRINUSE` when another program has the port now.
 */
export async function serveFile(portFile: string): Promise<DownloadServer> {
  const saved = await readFile(portFile, "utf8").catch(() => "0");
  const server = await startDownloadServer({
    port: Number(saved),
    bytes: 40_000_000,
    bytesPerSecond: 5_200_000,
  });
  await writeFile(portFile, String(server.port), { mode: 0o600 });
  return server;
}
