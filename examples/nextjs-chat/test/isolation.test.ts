import type { APIResponse, BrowserContext } from "playwright-core";
import { describe, expect, test } from "vitest";
import { noBrowser } from "./support/browser.ts";
import { useSite } from "./support/visitor.ts";

const unknownChat = "00000000-0000-4000-8000-000000000000";
const title = noBrowser ?? "the endpoints";

describe.skipIf(noBrowser !== undefined)(title, { concurrent: true }, () => {
  const site = useSite();

  /** A request as the page itself sends it, but for what is given. */
  async function send(
    context: BrowserContext,
    path: string,
    data: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<APIResponse> {
    const { url } = site.server();
    return context.request.fetch(`${url}${path}`, {
      method: data === undefined ? "GET" : "POST",
      headers: { Origin: url, "Content-Type": "application/json", ...headers },
      ...(data === undefined ? {} : { data: JSON.stringify(data) }),
    });
  }

  const say = (id: string, text = "Hello") => ({
    id,
    message: { id: "m", role: "user", parts: [{ type: "text", text }] },
  });

  /** Every way into a chat, or into a task of it. */
  const ways = (chat: string, task: string): readonly (readonly [string, unknown])[] => [
    ["/api/chat", say(chat)],
    [`/api/chat/${chat}/stream`, undefined],
    [`/api/chat/${chat}/events`, undefined],
    [`/api/chat/${chat}/tasks/${task}/cancel`, {}],
    [`/api/chat/${chat}/tasks/${task}/approval`, { isAllowed: true }],
  ];

  test("give a chat to its visitor alone; to others it is as unknown as one that is not there", async () => {
    await using ours = await site.visitor();
    await using theirs = await site.visitor();
    const chat = await ours.open();
    await chat.say("Deploy the project");
    await chat.cardSays("node deploy.mjs", "Waits for you");
    await chat.sees("may only run if you allow it");
    await chat.quiet();
    const id = chat.page.url().split("/").at(-1) ?? "";
    const task = (await chat.card("node deploy.mjs").getAttribute("id")) ?? "";
    const other = await theirs.open();
    await other.page.goto(chat.page.url());
    await other.page.getByRole("heading", { name: "There is no such chat" }).waitFor();

    for (const [index, [path, body]] of ways(id, task).entries()) {
      const [unknownPath, unknownBody] = ways(unknownChat, "t_unknown")[index] ?? ["", undefined];
      const foreign = await send(theirs.context, path, body);
      const unknown = await send(theirs.context, unknownPath, unknownBody);
      expect(foreign.status(), path).toBe(404);
      expect(await foreign.json()).toEqual({
        error: { code: "NOT_FOUND", message: "There is no such chat." },
      });
      expect([unknown.status(), await unknown.text()]).toEqual([404, await foreign.text()]);
    }

    const mine = await theirs.context.newPage();
    await mine.goto(site.server().url);
    const own = mine.url().split("/").at(-1) ?? "";
    for (const action of ["cancel", "approval"]) {
      const body = action === "cancel" ? {} : { isAllowed: true };
      const foreign = await send(theirs.context, `/api/chat/${own}/tasks/${task}/${action}`, body);
      const unknown = await send(theirs.context, `/api/chat/${own}/tasks/t_x/${action}`, body);
      expect(foreign.status(), action).toBe(404);
      expect(await unknown.text()).toBe(await foreign.text());
    }
    // Nothing has happened to it.
    await chat.cardSays("node deploy.mjs", "Waits for you");
    expect(await chat.texts()).toHaveLength(3);
  });

  test("listen to the site's own pages only, and to nothing but JSON", async () => {
    await using visitor = await site.visitor();
    const chat = await visitor.open();
    const id = chat.page.url().split("/").at(-1) ?? "";
    const { context } = visitor;
    const refusal = async (answer: Promise<APIResponse>) => {
      const response = await answer;
      const { error } = (await response.json()) as { error: { code: string } };
      return [response.status(), error.code];
    };

    for (const [path, body] of ways(id, "t_unknown")) {
      const foreign = { Origin: "https://example.com" };
      expect(await refusal(send(context, path, body, foreign)), path).toEqual([
        403,
        "WRONG_ORIGIN",
      ]);
      if (body === undefined) {
        const crossSite = { "Sec-Fetch-Site": "cross-site" };
        expect((await refusal(send(context, path, body, crossSite)))[0], path).toBe(403);
        continue;
      }
      expect((await refusal(send(context, path, body, { Origin: "null" })))[0], path).toBe(403);
      for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/jsonp"]) {
        const plain = { "Content-Type": type };
        const wanted = [415, "WRONG_CONTENT_TYPE"];
        expect(await refusal(send(context, path, body, plain)), path).toEqual(wanted);
      }
    }

    const invalid = [400, "INVALID_REQUEST"];
    expect(await refusal(send(context, "/api/chat", "no object"))).toEqual(invalid);
    expect(await refusal(send(context, "/api/chat", { id }))).toEqual(invalid);
    const posing = { ...say(id), message: { ...say(id).message, role: "assistant" } };
    expect(await refusal(send(context, "/api/chat", posing))).toEqual(invalid);
    expect(await refusal(send(context, "/api/chat", say(id, "x".repeat(9_000))))).toEqual(invalid);
    const large = say(id, "x".repeat(100_000));
    expect(await refusal(send(context, "/api/chat", large))).toEqual([413, "TOO_LARGE"]);
    expect(await chat.page.locator(".message").count()).toBe(0);
  });

  test("know nobody without the cookie, which no script can read", async () => {
    await using visitor = await site.visitor();
    await using nobody = await site.visitor();
    const chat = await visitor.open();
    const id = chat.page.url().split("/").at(-1) ?? "";
    const [cookie] = await visitor.context.cookies();
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: "Lax", path: "/" });
    expect(cookie?.value).toMatch(/^[0-9a-f]{64}$/);
    expect(await chat.page.evaluate("document.cookie")).not.toContain("visitor");

    for (const [path, body] of ways(id, "t_unknown")) {
      const response = await send(nobody.context, path, body);
      expect([response.status(), response.headers()["set-cookie"]], path).toEqual([401, undefined]);
    }
  });
});
