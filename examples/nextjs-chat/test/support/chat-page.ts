import { fileURLToPath } from "node:url";
import type { BrowserContext, Locator, Page } from "playwright-core";

/** A chat as a user has it in a tab. */
export interface ChatPage {
  readonly page: Page;
  readonly messages: Locator;
  /** Says something, and resolves when it is shown. */
  say(text: string): Promise<void>;
  /** Resolves when the text is shown in the conversation. */
  sees(text: string | RegExp): Promise<void>;
  /** What was said, by both. */
  texts(): Promise<string[]>;
  /** Resolves when nothing is being said. */
  quiet(): Promise<void>;
  /** The card of a task, by its title. */
  card(title: string): Locator;
  /** Resolves when the card says so. */
  cardSays(title: string, text: string | RegExp): Promise<void>;
  /** Resolves with how far the task is, in percent, when it is further than that. */
  progressBeyond(title: string, percent: number): Promise<number>;
  screenshot(name: string): Promise<void>;
}

/** Opens the address in a new tab. */
export async function openPage(context: BrowserContext, url: string): Promise<ChatPage> {
  const page = await context.newPage();
  // For a machine that is busy with other things.
  page.setDefaultTimeout(60_000);
  await page.goto(url);
  // The page is alive when its messages are fetched: nothing that is typed gets lost then.
  await page.locator(".shell[data-alive='true']").waitFor();
  return chatPage(page);
}

function chatPage(page: Page): ChatPage {
  const messages = page.locator(".messages");
  const field = page.getByLabel("Message", { exact: true });
  const card = (title: string): Locator =>
    page.locator(".task-card", { has: page.getByRole("heading", { name: title, exact: true }) });

  return {
    page,
    messages,
    card,
    async say(text) {
      await field.fill(text);
      await field.press("Enter");
      await messages.locator(".from-user", { hasText: text }).last().waitFor();
    },
    sees: (text) => messages.locator(".text", { hasText: text }).first().waitFor(),
    texts: () => messages.locator(".text").allTextContents(),
    async quiet() {
      await page.locator(".scroller[data-status='ready']").waitFor();
    },
    cardSays: (title, text) => card(title).filter({ hasText: text }).waitFor(),
    async progressBeyond(title, percent) {
      const id = await card(title).getAttribute("id");
      const further = ([task, least]: readonly [string | null, number]): number | undefined => {
        const bar = document.querySelector(`[id="${task}"] [role="progressbar"]`);
        const now = Number(bar?.getAttribute("aria-valuenow") ?? 0);
        return now > least ? now : undefined;
      };
      try {
        const handle = await page.waitForFunction(further, [id, percent] as const);
        return (await handle.jsonValue()) ?? 0;
      } catch (cause) {
        const shown = await page.locator("body").textContent();
        throw new Error(`${title} is not beyond ${percent} %: ${shown}`, { cause });
      }
    },
    async screenshot(name) {
      const path = fileURLToPath(new URL(`../screenshots/${name}.png`, import.meta.url));
      await page.screenshot({ path });
    },
  };
}
