import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { environment, freePort, lineOf } from "./support/chat-server.ts";

const folder = fileURLToPath(new URL("..", import.meta.url));
const start = (settings: Readonly<Record<string, string>>, ...flags: readonly string[]) =>
  spawn(process.execPath, ["start.ts", ...flags], {
    cwd: folder,
    env: environment(settings),
    stdio: ["ignore", "pipe", "pipe"],
  });

test("the start says where the chat is, and a signal ends it in order", async () => {
  const state = await mkdtemp(join(tmpdir(), "nextjs-chat-"));
  const [port, samplePort] = [await freePort(), await freePort()];
  const ports = { PORT: String(port), SAMPLE_PORT: String(samplePort) };
  const child = start({ ...ports, STATE_FOLDER: state });
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await rm(state, { recursive: true, force: true });
  });
  const url = await lineOf(child, /http:\/\//);
  expect(url).toContain(`http://127.0.0.1:${port}`);
  const answer = await fetch(`http://127.0.0.1:${port}/`, { redirect: "manual" });
  expect(answer.headers.get("location")).toMatch(/^\/chat\//);
  await answer.body?.cancel();

  const exit = once(child, "exit");
  child.kill("SIGTERM");
  expect(await exit).toEqual([0, null]);
});

test("the start says so when its port is taken, or is none", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as { port: number };
  for (const [given, sentence] of [
    [String(port), `Port ${port} is taken. Choose another one: PORT=${port + 1} npm run chat\n`],
    ["seven", "PORT must be a number from 1 to 65535, and is seven.\n"],
  ] as const) {
    for (const flags of [[], ["--check"]]) {
      const child = start({ PORT: given }, ...flags);
      const [said, [code]] = await Promise.all([text(child.stderr), once(child, "exit")]);
      expect([said, code]).toEqual([sentence, 1]);
    }
  }
  other.close();
  await once(other, "close");
  expect(await once(start({ PORT: String(port) }, "--check"), "exit")).toEqual([0, null]);
});
