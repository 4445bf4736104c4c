import { readFile, writeFile } from "node:fs/promises";
import { type SampleServer, startSampleServer } from "./server.ts";

/**
 * Serves the samples. The port is kept in a file: a download that goes on after a restart asks the
 * URL that it began with.
 *
 * @throws the system's error `EADDRINUSE` when another program has the port now.
 */
export async function serveSamples(portFile: string, slowness: number): Promise<SampleServer> {
  const saved = await readFile(portFile, "utf8").catch(() => "0");
  const server = await startSampleServer(Number(saved), slowness);
  await writeFile(portFile, String(server.port), { mode: 0o600 });
  return server;
}
