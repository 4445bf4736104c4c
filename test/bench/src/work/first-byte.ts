import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";

export interface IdlePage extends AsyncDisposable {
  /** Sends a request that is kept open. Resolves when the server has it. */
  listen(): Promise<void>;
  /** Resolves when the first byte of the answer is here, and reads on to the end. */
  firstByte(): Promise<void>;
}

/** A page that listens to a server on this machine, over a real socket. */
export async function openPage(answer: RequestListener): Promise<IdlePage> {
  let arrived = (): void => {};
  const server = createServer((request, response) => {
    answer(request, response);
    arrived();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  let response: Promise<Response> | undefined;
  return {
    listen: () =>
      new Promise((resolve) => {
        arrived = resolve;
        response = fetch(`http://127.0.0.1:${port}`);
      }),
    async firstByte() {
      const reader = (await response)?.body?.getReader();
      await reader?.read();
      void (async () => {
        while (!(await reader?.read())?.done);
      })();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
