import type { Browser, BrowserContext, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchBrowser } from "./browser.ts";
import { type ChatPage, openPage } from "./chat-page.ts";
import { type ChatServer, startChat } from "./chat-server.ts";

/** Somebody with a browser and cookies of their own. */
export interface Visitor extends AsyncDisposable {
  readonly context: BrowserContext;
  /** Opens a new chat in a new tab, or the one of that address. */
  open(address?: string): Promise<ChatPage>;
}

export interface Site {
  /** The server that all tests of the file share. */
  readonly server: () => ChatServer;
  /** Somebody new; of a server of the test's own, if it is given. */
  readonly visitor: (given?: {
    readonly server?: ChatServer;
    readonly options?: BrowserContextOptions;
  }) => Promise<Visitor>;
}

/** Serves the chat and runs a browser for the tests of a file. */
export function useSite(): Site {
  let running: { readonly server: ChatServer; readonly browser: Browser } | undefined;
  const site = (): { readonly server: ChatServer; readonly browser: Browser } => {
    if (running === undefined) throw new Error("The site is there within tests only.");
    return running;
  };
  beforeAll(async () => {
    const [server, browser] = await Promise.all([startChat(), launchBrowser()]);
    running = { server, browser };
  });
  afterAll(async () => {
    await running?.browser.close();
    await running?.server[Symbol.asyncDispose]();
  });

  return {
    server: () => site().server,
    async visitor({ server = site().server, options = {} } = {}) {
      const context = await site().browser.newContext(options);
      return {
        context,
        open: (address = server.url) => openPage(context, address),
        [Symbol.asyncDispose]: () => context.close(),
      };
    },
  };
}
