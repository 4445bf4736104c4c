import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { noBrowser } from "./support/browser.ts";
import { useSite } from "./support/visitor.ts";

const title = noBrowser ?? "the page";

describe.skipIf(noBrowser !== undefined)(title, { concurrent: true }, () => {
  const site = useSite();

  test("shows what programs and users write as the text that it is", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    const pageTitle = await chat.page.title();
    const written = `<img src=x onerror="document.title='hacked'"><b>bold</b>`;
    await chat.say(written);
    await chat.say("Show the hostile file");
    await chat.cardSays("cat hostile.txt", `<script>document.title="hacked"</script>`);
    await chat.sees("“cat hostile.txt” has ended well");
    await chat.quiet();
    await chat.messages.locator(".told summary").first().click();
    await chat.screenshot("hostile");

    await chat.page.reload();
    await chat.sees(written);
    const card = (await chat.card("cat hostile.txt").locator("pre").textContent()) ?? "";
    expect(card).toContain("<b>This is not bold</b> & neither is &lt;i&gt;this&lt;/i&gt;");
    expect(card).toContain("100%");
    // No control character, no change of direction, nothing invisible.
    expect(card).not.toMatch(/[^\n -~]/);
    expect(await chat.messages.locator("img, script, b, i:not(.thinking i)").count()).toBe(0);
    expect(await chat.page.title()).toBe(pageTitle);
  });

  test("can be used by keyboard alone", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    const { keyboard } = chat.page;
    await keyboard.press("Tab");
    expect(await focused(chat.page)).toBe("Skip to the message field");
    await keyboard.press("Enter");
    await keyboard.type("Check the project (60 seconds)");
    await keyboard.press("Shift+Enter");
    await keyboard.type("please");
    await keyboard.press("Enter");
    await chat.cardSays("node check.mjs --seconds=60", "Running");
    await chat.sees("It is running in the background");

    await tabTo(chat.page, "Cancel node check.mjs --seconds=60");
    expect(await outlineOf(chat.page)).not.toBe("none");
    await keyboard.press("Enter");
    await chat.cardSays("node check.mjs --seconds=60", "Cancelled");
    await chat.sees("was cancelled");
    await chat.quiet();

    await tabTo(chat.page, "Message");
    await keyboard.type("Deploy the project");
    await keyboard.press("Enter");
    await chat.cardSays("node deploy.mjs", "Waits for you");
    await chat.sees("may only run if you allow it");
    await tabTo(chat.page, "Refuse");
    await keyboard.press("Space");
    await chat.cardSays("node deploy.mjs", "Failed");
  });

  test("has a name for all that can be pressed, and says whole answers to who cannot see it", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Deploy the project");
    await chat.cardSays("node deploy.mjs", "Waits for you");
    await chat.sees("Look at its card.");
    await chat.quiet();

    const snapshot = await chat.page.locator("body").ariaSnapshot();
    expect(snapshot).toContain('heading "node deploy.mjs"');
    expect(snapshot).toContain('progressbar "node deploy.mjs"');
    expect(snapshot).toContain('button "Allow once"');
    expect(snapshot).not.toMatch(/- (button|link|textbox)(:|$| \[)/m);
    const announced = await chat.page.locator("[role='status'].visually-hidden").allTextContents();
    expect(announced[0]).toContain("may only run if you allow it");
    expect(announced[1]).toBe("Waits for your permission: node deploy.mjs");
  });

  test("fits a screen of 360 pixels", async () => {
    const options = { viewport: { width: 360, height: 740 } };
    await using visitor = await site.visitor({ options });
    const chat = await visitor.open();
    await chat.screenshot("phone-welcome");
    expect(await overflow(chat.page)).toBe(0);
    await chat.say(`Run \`cat ${"x".repeat(80)}.txt\``);
    await chat.say("Deploy the project");
    await chat.cardSays("node deploy.mjs", "Waits for you");
    await chat.sees("Look at its card.");
    await chat.quiet();
    await chat.screenshot("phone");
    expect(await overflow(chat.page)).toBe(0);

    await chat.page.getByRole("button", { name: "Chats" }).click();
    const menu = chat.page.getByRole("dialog", { name: "Chats" });
    await menu.getByRole("link", { name: "New chat" }).waitFor();
    await chat.screenshot("phone-menu");
    expect(await overflow(chat.page)).toBe(0);
    await chat.page.keyboard.press("Escape");
    await menu.waitFor({ state: "hidden" });
    expect(await focused(chat.page)).toBe("Chats");
  });

  test("does not jump while answers and tasks come in", async () => {
    await using visitor = await site.visitor();
    await visitor.context.addInitScript(() => {
      const shifts: string[] = [];
      Object.assign(globalThis, { shifts });
      new PerformanceObserver((list) => {
        for (const entry of list.getEntries()) {
          const { value, sources = [] } = entry as PerformanceEntry & {
            readonly value: number;
            readonly sources?: readonly { readonly node?: Node }[];
          };
          const moved = sources.map(({ node }) => (node as Element | undefined)?.className);
          shifts.push(`${value} ${moved.join(", ")}`);
        }
      }).observe({ type: "layout-shift", buffered: true });
    });
    const chat = await visitor.open();
    for (const text of [
      "Download the report (3 seconds) and check the project (3 seconds)",
      "Tell me about the tides",
      "Deploy the project",
    ]) {
      await chat.say(text);
    }
    await chat.sees("is done: 6.0 MB");
    await chat.sees("--seconds=3” has ended well");
    await chat.card("node deploy.mjs").getByRole("button", { name: "Allow once" }).click();
    await chat.sees("“node deploy.mjs” has ended well");
    await chat.quiet();

    const shifts = (await chat.page.evaluate("shifts")) as string[];
    const sum = shifts.reduce((total, shift) => total + Number.parseFloat(shift), 0);
    expect(sum, shifts.join("\n")).toBeLessThan(0.02);
  });

  test("is dark where the system is, or when it is turned so, at once after a reload", async () => {
    await using dark = await site.visitor({ options: { colorScheme: "dark" } });
    await using light = await site.visitor({ options: { colorScheme: "light" } });
    const one = await dark.open();
    await one.say("Check the project (2 seconds)");
    await one.sees("has ended well");
    await one.quiet();
    await one.screenshot("dark");
    expect(await lightness(one.page)).toBeLessThan(0.2);

    const other = await light.open();
    await other.screenshot("welcome");
    expect(await lightness(other.page)).toBeGreaterThan(0.8);
    await other.page.getByRole("button", { name: "Turn light or dark" }).click();
    await other.page.locator("html[data-theme='dark']").waitFor();
    expect(await lightness(other.page)).toBeLessThan(0.2);
    await other.page.reload();
    // As the server gives it, before any script has run.
    expect(await (await other.page.request.get(other.page.url())).text()).toContain(
      'data-theme="dark"',
    );
  });

  test("moves nothing where less motion is wanted", async () => {
    await using visitor = await site.visitor({ options: { reducedMotion: "reduce" } });
    const chat = await visitor.open();
    await chat.say("Check the project (60 seconds)");
    await chat.cardSays("node check.mjs --seconds=60", "Running");
    await chat.sees("It is running in the background");
    expect(await chat.page.evaluate("document.getAnimations().length")).toBe(0);
  });
});

/** The name of what has the focus. */
function focused(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    const id = activeElement?.getAttribute("id");
    const label = id ? document.querySelector(`label[for="${id}"]`) : null;
    return (
      activeElement?.getAttribute("aria-label") ??
      label?.textContent ??
      activeElement?.textContent ??
      ""
    );
  });
}

async function tabTo(page: Page, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses += 1) {
    await page.keyboard.press("Tab");
    if ((await focused(page)) === name) return;
  }
  throw new Error(`No way by Tab leads to "${name}".`);
}

function outlineOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const { activeElement } = document;
    return activeElement === null ? "none" : getComputedStyle(activeElement).outlineStyle;
  });
}

/** By how many pixels the page, or anything that scrolls in it, is too wide. */
function overflow(page: Page): Promise<number> {
  return page.evaluate(() => {
    const boxes = [document.documentElement, ...document.querySelectorAll(".scroller, .shell")];
    return Math.max(...boxes.map((box) => box.scrollWidth - box.clientWidth));
  });
}

/** How light the page is, from 0 to 1. */
function lightness(page: Page): Promise<number> {
  return page.evaluate(() => {
    const canvas = document.createElement("canvas").getContext("2d");
    if (canvas === null) throw new Error("There is no canvas.");
    canvas.fillStyle = getComputedStyle(document.body).backgroundColor;
    canvas.fillRect(0, 0, 1, 1);
    const [red = 0, green = 0, blue = 0] = canvas.getImageData(0, 0, 1, 1).data;
    return (red + green + blue) / 3 / 255;
  });
}
