import { describe, expect, test } from "vitest";
import { noBrowser } from "./support/browser.ts";
import { useSite } from "./support/visitor.ts";

describe.skipIf(noBrowser !== undefined)(noBrowser ?? "a chat", { concurrent: true }, () => {
  const site = useSite();

  test("starts two tasks, goes on talking meanwhile, and tells of one though nobody asks", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Download the report (90 seconds) and check the project (6 seconds)");
    await chat.sees("2 tasks are running in the background");
    const before = await chat.progressBeyond("Download report.csv", 0);

    await chat.say("Tell me a joke");
    await chat.sees("They go with the flow");
    await chat.progressBeyond("Download report.csv", before);
    await chat.cardSays("node check.mjs --seconds=6", "ok 2 - winds");
    await chat.screenshot("running");

    await chat.sees("“node check.mjs --seconds=6” has ended well. Its last line: all modules pass");
    await chat.cardSays("node check.mjs --seconds=6", "Done");
    await chat.cardSays("Download report.csv", "Running");
    const texts = await chat.texts();
    expect(texts.findIndex((text) => text.includes("flow"))).toBeLessThan(
      texts.findIndex((text) => text.includes("has ended well")),
    );
  });

  test("an agent of its own researches, with tasks that report to it", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Research the winds");
    await chat.cardSays("Research: winds", "Running");
    await chat.sees("3 aspects of winds were looked up, and the sources agree");
    expect(await chat.messages.locator(".task-card").count()).toBe(1);
  });

  test("a page that is reloaded in the middle of an answer shows all of it, once", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Download the charts (3 seconds)");
    await chat.sees("It is running in the background");
    await chat.say("Tell me about the tides");
    await chat.sees("Tides follow");

    await chat.page.reload();
    await chat.sees("together there is a spring tide.");
    await chat.progressBeyond("Download charts.csv", 0);
    await chat.sees("“Download charts.csv” is done");
    await chat.quiet();

    const texts = await chat.texts();
    expect(texts.filter((text) => text.startsWith("Tides follow"))).toHaveLength(1);
    expect(texts.filter((text) => text.includes("is done: 6.0 MB"))).toHaveLength(1);
  });

  test("what is said while an answer is made is answered behind it", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Tell me about the tides");
    await chat.sees("Tides follow");
    await chat.say("Tell me a joke");
    await chat.sees("They go with the flow");
    await chat.quiet();

    expect(await chat.texts()).toEqual([
      "Tell me about the tides",
      expect.stringContaining("spring tide"),
      "Tell me a joke",
      expect.stringContaining("flow"),
    ]);
  });

  test("a page that learns late what it missed drops nothing that was said since", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    const { page } = chat;
    const isAnswered = Promise.withResolvers<void>();
    const mayArrive = Promise.withResolvers<void>();
    await page.route(/\/stream\?/, async (route) => {
      const response = await route.fetch();
      if (response.status() === 200) {
        isAnswered.resolve();
        await mayArrive.promise;
      }
      await route.fulfill({ response });
    });
    // Another tab speaks, so this one asks what it misses, and its answer is held up.
    const other = await visitor.open(page.url());
    await other.say("Hello");
    await other.quiet();
    await isAnswered.promise;
    await chat.say("Tell me a joke");
    await chat.sees("They go with the flow");
    await page.evaluate(() => {
      const watched = { wasDropped: false };
      Object.assign(globalThis, { watched });
      new MutationObserver(() => {
        const shown = document.querySelector(".messages")?.textContent ?? "";
        watched.wasDropped ||= !shown.includes("They go with the flow");
      }).observe(document.body, { childList: true, subtree: true });
    });
    mayArrive.resolve();
    await other.sees("They go with the flow");
    await other.quiet();
    const texts = await other.texts();
    expect(texts).toHaveLength(4);
    await expect.poll(chat.texts, { timeout: 60_000 }).toEqual(texts);
    expect(await page.evaluate("watched.wasDropped")).toBe(false);
  });

  test("a task is cancelled by its button, and the agent is told", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Download the report (60 seconds) and check the project (60 seconds)");
    await chat.progressBeyond("Download report.csv", 0);
    await chat.page.getByRole("button", { name: "Cancel Download report.csv" }).click();
    await chat.cardSays("Download report.csv", "Cancelled");
    await chat.sees("“Download report.csv” was cancelled");

    await chat.say("Cancel everything");
    await chat.cardSays("node check.mjs --seconds=60", "Cancelled");
    await chat.sees("Cancelled, as you asked");
    expect(await chat.page.getByRole("button", { name: /^Cancel/ }).count()).toBe(0);
  });

  test("a command that the policy asks about runs when it is allowed", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Deploy the project");
    await chat.cardSays("node deploy.mjs", "Waits for you");
    const asked = chat.card("node deploy.mjs").getByRole("region", { name: "Permission" });
    expect(await asked.locator("code").textContent()).toMatch(/^\S+\/node deploy\.mjs \(cwd /);
    await chat.sees("may only run if you allow it");
    await chat.screenshot("permission");

    await asked.getByRole("button", { name: "Allow once" }).click();
    await chat.cardSays("node deploy.mjs", "deployed to nowhere");
    await chat.sees("“node deploy.mjs” has ended well");
    await chat.cardSays("node deploy.mjs", "Done");
  });

  test("a command that is refused does not run, nor one that the policy forbids", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Deploy the project");
    await chat.card("node deploy.mjs").getByRole("button", { name: "Refuse" }).click();
    await chat.cardSays("node deploy.mjs", "Failed");
    await chat.sees("“node deploy.mjs” failed");
    expect(await chat.card("node deploy.mjs").textContent()).not.toContain("packing");

    await chat.say("Run `rm -rf notes.txt`");
    await chat.sees(/That cannot be done\. Error \(COMMAND_REFUSED\)/);
    expect(await chat.messages.locator(".task-card").count()).toBe(1);
  });

  test("two tabs on one chat show the same, as it happens", async () => {
    await using visitor = await site.visitor();
    const one = await visitor.open();
    const other = await visitor.open(one.page.url());
    await one.say("Download the report (4 seconds)");
    await other.sees("Download the report (4 seconds)");
    await other.progressBeyond("Download report.csv", 0);
    await other.say("Tell me about the tides");
    await one.sees("Tides follow");
    await one.page.getByRole("button", { name: "Cancel Download report.csv" }).click();
    await other.cardSays("Download report.csv", "Cancelled");
    for (const tab of [one, other]) {
      await tab.sees("“Download report.csv” was cancelled.");
      await tab.quiet();
    }

    const texts = await one.texts();
    expect(texts).toHaveLength(5);
    expect(await other.texts()).toEqual(texts);
  });

  test("chats are listed by their first words, and each has its own tasks", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    await chat.say("Download the report (30 seconds)");
    await chat.progressBeyond("Download report.csv", 0);
    await chat.page.getByRole("link", { name: "Download the report (30 seconds)" }).waitFor();
    await chat.page.getByRole("link", { name: "New chat" }).click();
    await chat.page.getByRole("heading", { name: "What shall run while we talk?" }).waitFor();
    await chat.say("How far are you?");
    await chat.sees("No task is queued or running");

    await chat.page.getByRole("link", { name: "Download the report (30 seconds)" }).click();
    await chat.cardSays("Download report.csv", "Running");
    await chat.page.getByRole("button", { name: "Cancel Download report.csv" }).click();
    await chat.cardSays("Download report.csv", "Cancelled");
  });
});
