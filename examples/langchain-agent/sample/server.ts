import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { pages } from "./pages.ts";

export interface SiteServer extends AsyncDisposable {
  readonly url: string;
}

const pageMs = 350;

/**
 * A site on the loopback interface, as slow as a real one far away. A POST publishes it.
 *
 * @param slowness how many times as slow as that
 */
export async function startSiteServer(slowness: number): Promise<SiteServer> {
  const server = createServer(async ({ method, url = "/" }, response) => {
    await sleep(pageMs * slowness);
    const text = method === "POST" ? `published ${pages.size} pages` : pages.get(url);
    response.writeHead(text === undefined ? 404 : 200, { "Content-Type": "text/html" }).end(text);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
