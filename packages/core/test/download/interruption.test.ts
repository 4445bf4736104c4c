import { getEventListeners } from "node:events";
import { describe, expect, test } from "vitest";
import { downloadTask } from "../../src/download/download.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { type DownloadFolder, downloadFolder } from "./download-folder.ts";
import { bytesOf, type FileServer, fileServer, sendFile, sha256 } from "./file-server.ts";
import { type TestContext, testContext } from "./test-context.ts";

const size = 200_000;
const half = 100_000;
const content = bytesOf("content", size);

function start(folder: DownloadFolder, server: FileServer, context: TestContext) {
  const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
  return Promise.resolve(run({ url: server.url, path: "file" }, context));
}

function waits(context: TestContext): (string | undefined)[] {
  return context.reports.map(({ message }) => message).filter((message) => message !== undefined);
}

describe("a connection that stalls", () => {
  test("in the middle of the file is left after 30 seconds, and the download goes on", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response, index) =>
      sendFile(request, response, content, index === 0 ? { stallAfter: half } : {}),
    );
    const clock = virtualClock();
    const context = testContext({ clock });
    const running = start(folder, server, context);
    await context.until(({ completed }) => completed === half);
    await clock.advance(29_999);
    expect(waits(context)).toEqual([]);
    await clock.advance(1);
    await context.until(({ message }) => message !== undefined);
    expect(waits(context)).toEqual(["Interrupted (no byte for 30000 ms), goes on in 1 s"]);
    await clock.advance(1_000);
    expect((await running).sha256).toBe(sha256(content));
    expect(server.requests[1]?.headers.range).toBe(`bytes=${half}-`);
    expect(clock.pendingTimers).toBe(0);
  });

  test("before the answer is left after 30 seconds too", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response, index) => {
      if (index > 0) sendFile(request, response, content);
    });
    const clock = virtualClock();
    const context = testContext({ clock });
    const running = start(folder, server, context);
    await server.requested(1);
    await clock.advance(30_000);
    await context.until(
      ({ message }) => message === "Interrupted (no answer for 30000 ms), goes on in 1 s",
    );
    await clock.advance(1_000);
    expect((await running).bytes).toBe(size);
  });
});

describe("a server that is out of order", () => {
  test("is asked six times, after delays that double", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) => response.writeHead(503).end());
    const clock = virtualClock();
    const context = testContext({ clock });
    const running = start(folder, server, context);
    const failed = expect(running).rejects.toMatchObject({
      code: "DOWNLOAD",
      message: expect.stringMatching(
        /after 6 interruptions in a row, the last: HTTP status 503\. /,
      ),
      details: { httpStatus: 503, bytes: 0 },
    });
    for (const [count, delayMs] of [1_000, 2_000, 4_000, 8_000, 16_000].entries()) {
      const reports = context.until(() => waits(context).length === count + 1);
      await reports;
      expect(server.requests).toHaveLength(count + 1);
      await clock.advance(delayMs - 1);
      expect(clock.pendingTimers).toBe(1);
      await clock.advance(1);
    }
    await failed;
    expect(server.requests).toHaveLength(6);
    expect(await folder.names()).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    ["seconds", () => "120"],
    ["a date", (now: number) => new Date(now + 120_000).toUTCString()],
  ])("is given the time that it asks for in %s", async (_name, retryAfter) => {
    await using folder = await downloadFolder();
    const clock = virtualClock();
    await using server = await fileServer((request, response, index) => {
      if (index > 0) return sendFile(request, response, content);
      response.writeHead(429, { "Retry-After": retryAfter(clock.now()) }).end();
    });
    const context = testContext({ clock });
    const running = start(folder, server, context);
    await context.until(
      ({ message }) => message === "Interrupted (HTTP status 429), goes on in 120 s",
    );
    await clock.advance(119_999);
    expect(server.requests).toHaveLength(1);
    await clock.advance(1);
    expect((await running).bytes).toBe(size);
  });

  test("is not waited for longer than five minutes", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) =>
      response.writeHead(429, { "Retry-After": "301" }).end(),
    );
    await expect(start(folder, server, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { httpStatus: 429, retryAfterMs: 301_000 },
      message: expect.stringContaining("wait 301 seconds"),
    });
    expect(server.requests).toHaveLength(1);
  });

  test("can break any number of times as long as bytes come", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content, { breakAfter: 10_000 }),
    );
    const { run } = downloadTask({
      directory: folder.path,
      allowPrivate: true,
      retries: 1,
      retryDelayMs: 0,
    });
    const output = await run({ url: server.url, path: "file" }, testContext());
    expect(output.sha256).toBe(sha256(content));
    expect(server.requests).toHaveLength(20);
  });

  test("fails the download when it always ends before the size that it said", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content, { etag: null, breakAfter: half }),
    );
    const { run } = downloadTask({
      directory: folder.path,
      allowPrivate: true,
      retries: 3,
      retryDelayMs: 0,
    });
    await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { bytes: half },
    });
    // The first interruption came with new bytes, the three others without.
    expect(server.requests).toHaveLength(4);
    expect(await folder.names()).toEqual([]);
  });

  test("fails the download when nobody listens", async () => {
    await using folder = await downloadFolder();
    const server = await fileServer(() => {});
    await server[Symbol.asyncDispose]();
    const { run } = downloadTask({
      directory: folder.path,
      allowPrivate: true,
      retries: 1,
      retryDelayMs: 0,
    });
    await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { code: "ECONNREFUSED", bytes: 0 },
    });
  });

  test("fails the download when it does not speak HTTP", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) => {
      response.socket?.end("220 mail.test ESMTP\r\n");
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true, retries: 0 });
    await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      message: expect.stringContaining("HPE_"),
    });
  });

  test.each([204, 206, 401, 404, 410, 416])(
    "is believed at once with status %i",
    async (status) => {
      await using folder = await downloadFolder();
      await using server = await fileServer((_request, response) =>
        response.writeHead(status).end(),
      );
      await expect(start(folder, server, testContext())).rejects.toMatchObject({
        code: "DOWNLOAD",
        details: { httpStatus: status },
      });
      expect(server.requests).toHaveLength(1);
      expect(await folder.names()).toEqual([]);
    },
  );
});

describe("a cancelled download", () => {
  test("ends at once while it waits to go on", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) => response.writeHead(503).end());
    const clock = virtualClock();
    const context = testContext({ clock });
    const running = start(folder, server, context);
    await context.until(({ message }) => message !== undefined);
    context.stop("CANCELLED");
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(context.signal, "abort")).toEqual([]);
    expect(await folder.names()).toEqual([]);
  });

  test("ends at once while it waits for the answer, and lets the server go", async () => {
    await using folder = await downloadFolder();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    await using server = await fileServer((_request, response) => {
      response.once("close", close);
    });
    const context = testContext();
    const running = start(folder, server, context);
    await server.requested(1);
    context.stop("TIMEOUT");
    await expect(running).rejects.toMatchObject({ code: "TIMEOUT" });
    await closed;
    expect(await folder.names()).toEqual([]);
  });

  test("does not begin when it was cancelled before", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const context = testContext();
    context.stop("CANCELLED");
    await expect(start(folder, server, context)).rejects.toMatchObject({ code: "CANCELLED" });
    expect(server.requests).toHaveLength(0);
    expect(await folder.names()).toEqual([]);
  });
});
