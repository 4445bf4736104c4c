import { describe, expect, test } from "vitest";
import { noBrowser } from "./support/browser.ts";
import { startChat } from "./support/chat-server.ts";
import { useSite } from "./support/visitor.ts";

const title = noBrowser ?? "a chat whose server";

describe.skipIf(noBrowser !== undefined)(title, { concurrent: true }, () => {
  const site = useSite();

  test("is killed goes on where it was: conversation, download and command", async () => {
    await using server = await startChat();
    await using visitor = await site.visitor({ server });
    const chat = await visitor.open();
    await chat.say("Download the report (12 seconds) and check the project (6 seconds)");
    await chat.sees("2 tasks are running in the background");
    await chat.progressBeyond("Download report.csv", 10);
    await chat.cardSays("node check.mjs --seconds=6", "ok 1 - tides");

    await server.kill("SIGKILL");
    await chat.page.getByText("Looking for the server. Tasks go on meanwhile.").waitFor();
    await chat.screenshot("server-away");
    await server.start();

    await chat.sees("“node check.mjs --seconds=6” has ended well. Its last line: all modules pass");
    await chat.sees("“Download report.csv” is done: 6.0 MB");
    await chat.quiet();
    const texts = await chat.texts();
    expect(texts.filter((text) => text.includes("has ended well"))).toHaveLength(1);
    expect(texts.filter((text) => text.includes("is done: 6.0 MB"))).toHaveLength(1);
    await chat.page.reload();
    await chat.sees("is done: 6.0 MB");
    expect(await chat.texts()).toEqual(texts);
  });

  test("is killed in the middle of an answer answers once it is back", async () => {
    await using server = await startChat();
    await using visitor = await site.visitor({ server });
    const chat = await visitor.open();
    await chat.say("Tell me about the tides");
    await chat.sees("Tides follow");

    await server.kill("SIGKILL");
    await chat.page.getByText("Looking for the server").waitFor();
    await server.start();

    await chat.sees("together there is a spring tide.");
    await chat.quiet();
    expect(await chat.texts()).toEqual([
      "Tell me about the tides",
      expect.stringMatching(/^Tides follow.*spring tide\.$/),
    ]);
  });

  test("is stopped leaves commands alone, and tells of them later, also when no page is open", async () => {
    await using server = await startChat();
    await using visitor = await site.visitor({ server });
    const chat = await visitor.open();
    const address = chat.page.url();
    await chat.say("Check the project (5 seconds)");
    await chat.cardSays("node check.mjs --seconds=5", "ok 1 - tides");

    expect(await server.kill("SIGTERM")).toBe(0);
    await chat.page.close();
    await server.start();

    // No page is open: what the server itself gives is asked for until it holds the answer.
    const given = async (): Promise<string> => (await visitor.context.request.get(address)).text();
    await expect.poll(given, { timeout: 60_000 }).toContain("has ended well");
    const again = await visitor.open(address);
    await again.sees("Its last line: all modules pass");
    await again.cardSays("node check.mjs --seconds=5", "ok 8 - locks");
    expect((await again.texts()).filter((text) => text.includes("has ended well"))).toHaveLength(1);
  });

  test("is stopped while it asks for a permission asks again", async () => {
    await using server = await startChat();
    await using visitor = await site.visitor({ server });
    const chat = await visitor.open();
    await chat.say("Deploy the project");
    await chat.cardSays("node deploy.mjs", "Waits for you");
    await chat.sees("may only run if you allow it");
    await chat.quiet();

    await server.kill("SIGTERM");
    await server.start();

    await chat.card("node deploy.mjs").getByRole("button", { name: "Allow once" }).click();
    await chat.sees("“node deploy.mjs” has ended well");
  });
});
