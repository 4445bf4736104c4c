import { once } from "node:events";
import { createServer } from "node:http";
import { describe, expect, test } from "vitest";
import { noBrowser } from "./support/browser.ts";
import { startChat } from "./support/chat-server.ts";
import { useSite } from "./support/visitor.ts";

describe.skipIf(noBrowser !== undefined)(noBrowser ?? "a provider", () => {
  const site = useSite();

  test("that fails is asked again when the user wants it, and nothing is lost", async () => {
    const requests: { readonly model: string; readonly input: unknown }[] = [];
    const provider = createServer(async (request, response) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of request) chunks.push(chunk as Uint8Array);
      requests.push(JSON.parse(Buffer.concat(chunks).toString()));
      response.writeHead(400, { "Content-Type": "application/json" });
      response.end(JSON.stringify({ error: { message: "No such model.", type: "invalid" } }));
    }).listen(0, "127.0.0.1");
    await once(provider, "listening");
    const { port } = provider.address() as { port: number };
    await using server = await startChat({
      OPENAI_API_KEY: "none",
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      MODEL: "a-model",
    });
    await using visitor = await site.visitor({ server });
    const chat = await visitor.open();
    await chat.page.getByText("a-model").waitFor();

    await chat.say("Tell me a joke");
    const retry = chat.page.getByRole("button", { name: "Try again" });
    await retry.waitFor();
    const asked = requests.length;
    const again = once(provider, "request");
    await retry.click();
    await again;
    await retry.waitFor();
    await chat.page.reload();
    await chat.sees("Tell me a joke");

    expect(requests.length).toBeGreaterThan(asked);
    expect(requests.at(-1)).toMatchObject({ model: "a-model" });
    expect(JSON.stringify(requests.at(-1)?.input).split("Tell me a joke")).toHaveLength(2);
    expect(await chat.page.locator(".message").count()).toBe(1);
    provider.closeAllConnections();
    provider.close();
  });
});
