import { getEventListeners } from "node:events";
import { mkdir, stat, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { download, downloadTask } from "../../src/download/download.ts";
import { parseInput } from "../../src/schema/parse-input.ts";
import { virtualClock } from "../../src/testing/virtual-clock.ts";
import { downloadFolder } from "./download-folder.ts";
import { bytesOf, fileServer, sendFile, sha256 } from "./file-server.ts";
import { testContext } from "./test-context.ts";

const content = bytesOf("content", 300_000);

describe("a download", () => {
  test("stores the file, tells of its progress and gives what it stored", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const clock = virtualClock();
    const context = testContext({ clock });
    const output = await run({ url: `${server.url}/a?b#c`, path: "sub/folder/file.bin" }, context);
    expect(output).toEqual({
      path: join(folder.path, "sub/folder/file.bin"),
      bytes: content.length,
      sha256: sha256(content),
      durationMs: 0,
    });
    expect(await folder.read("sub/folder/file.bin")).toEqual(content);
    expect((await stat(output.path)).mode & 0o777).toBe(0o600);

    const completed = context.reports.map((progress) => progress.completed as number);
    expect(completed).toEqual(completed.toSorted((left, right) => left - right));
    expect(completed[0]).toBe(0);
    expect(context.reports.at(-1)).toEqual({ completed: content.length, total: content.length });

    expect(server.requests[0]?.url).toBe("/a?b");
    expect(server.requests[0]?.headers).toMatchObject({
      "accept-encoding": "identity",
      "user-agent": "meanwhile",
    });
    expect(server.requests[0]?.headers.range).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
    expect(getEventListeners(context.signal, "abort")).toEqual([]);
  });

  test("takes an empty file, and one whose size the server does not say", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) => {
      if (request.url === "/chunked") response.write(content.subarray(0, 10_000));
      response.end(request.url === "/chunked" ? content.subarray(10_000) : undefined);
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const empty = await run({ url: `${server.url}/empty`, path: "empty" }, testContext());
    expect(empty).toMatchObject({ bytes: 0, sha256: sha256(Buffer.alloc(0)) });
    const context = testContext();
    const chunked = await run({ url: `${server.url}/chunked`, path: "chunked" }, context);
    expect(chunked).toMatchObject({ bytes: content.length, sha256: sha256(content) });
    expect(context.reports.every((progress) => progress.total === undefined)).toBe(true);
  });

  test("writes beside the target and gives it its name at the end", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) => {
      response.setHeader("Content-Length", content.length);
      response.write(content.subarray(0, 1_000));
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const context = testContext({ id: "task-9" });
    const running = run({ url: server.url, path: "file" }, context);
    await context.until((progress) => progress.completed === 1_000);
    expect(await folder.names()).toEqual(["file.task-9.part"]);
    expect((await stat(join(folder.path, "file.task-9.part"))).mode & 0o777).toBe(0o600);
    context.stop("CANCELLED");
    await expect(running).rejects.toMatchObject({ code: "CANCELLED" });
    expect(await folder.names()).toEqual([]);
    expect(getEventListeners(context.signal, "abort")).toEqual([]);
  });

  test("cuts the name of the part file where the target's name is as long as names can be", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const path = "ü".repeat(127);
    await run({ url: server.url, path }, testContext({ id: "../x" }));
    expect(await folder.names()).toEqual([path]);
  });

  test("says when the server compressed the file although asked not to", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) => {
      response.setHeader("Content-Encoding", "gzip");
      sendFile(request, response, content);
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const output = await run({ url: server.url, path: "file" }, testContext());
    expect(output).toMatchObject({ contentEncoding: "gzip", sha256: sha256(content) });
  });

  test("goes to the working directory by default", async () => {
    await using server = await fileServer((_request, response) => response.end("never stored"));
    const { admit } = downloadTask({ allowPrivate: true });
    const admission = {
      commands: {
        decide: () => {
          throw new Error("unused");
        },
      },
      session: "s",
    };
    await admit?.({ url: server.url, path: join(process.cwd(), "file") }, admission);
    await expect(
      admit?.({ url: server.url, path: join(process.cwd(), "../file") }, admission),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});

describe("the checksum", () => {
  test("lets a right file through, in either case", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const input = { url: server.url, path: "file", sha256: sha256(content).toUpperCase() };
    expect((await run(input, testContext())).sha256).toBe(sha256(content));
  });

  test("keeps a wrong file from being stored", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const input = { url: server.url, path: "file", sha256: "0".repeat(64) };
    await expect(run(input, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      message: expect.stringContaining(sha256(content)),
    });
    expect(await folder.names()).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });
});

describe("the size limit", () => {
  test.each([
    ["the input's", {}, { maxBytes: 1_000 }],
    ["the definition's", { maxBytes: 1_000 }, {}],
    ["the definition's, which an input cannot raise", { maxBytes: 1_000 }, { maxBytes: 1e9 }],
  ])("is %s, and holds before the first byte", async (_name, options, limits) => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true, ...options });
    const context = testContext();
    await expect(run({ url: server.url, path: "file", ...limits }, context)).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { maxBytes: 1_000 },
    });
    expect(context.reports).toEqual([]);
    expect(await folder.names()).toEqual([]);
  });

  test("holds for a file of just that size", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const input = { url: server.url, path: "file", maxBytes: content.length };
    expect((await run(input, testContext())).bytes).toBe(content.length);
  });

  test("stops a server that sends without end", async () => {
    await using folder = await downloadFolder();
    const { promise: closed, resolve: close } = Promise.withResolvers<void>();
    await using server = await fileServer((_request, response) => {
      response.once("close", close);
      const send = (): void => {
        while (!response.destroyed && response.write(content));
        response.once("drain", send);
      };
      send();
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const context = testContext();
    await expect(
      run({ url: server.url, path: "file", maxBytes: 1_000_000 }, context),
    ).rejects.toMatchObject({ code: "DOWNLOAD", details: { maxBytes: 1_000_000 } });
    await closed;
    expect(context.reports.at(-1)?.completed).toBeLessThanOrEqual(1_000_000);
    expect(await folder.names()).toEqual([]);
  });
});

describe("a file that exists at the path", () => {
  test("stays, and the server is not asked", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    await writeFile(join(folder.path, "file"), "old");
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      message: expect.stringContaining("overwrite"),
    });
    expect((await folder.read("file")).toString()).toBe("old");
    expect(await folder.names()).toEqual(["file"]);
    expect(server.requests).toHaveLength(0);
  });

  test("stays also when it came to be while the download ran", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) => {
      void writeFile(join(folder.path, "file"), "newer").then(() =>
        sendFile(request, response, content),
      );
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
    });
    expect((await folder.read("file")).toString()).toBe("newer");
    expect(await folder.names()).toEqual(["file"]);
  });

  test("goes to one of two downloads that race for the path", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const results = await Promise.allSettled(
      ["a", "b"].map((id) => run({ url: server.url, path: "file" }, testContext({ id }))),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await folder.names()).toEqual(["file"]);
    expect(await folder.read("file")).toEqual(content);
  });

  test("is replaced with overwrite, and only by the whole new one", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response, index) =>
      index === 0 ? response.writeHead(404).end() : sendFile(request, response, content),
    );
    await writeFile(join(folder.path, "file"), "old");
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const input = { url: server.url, path: "file", overwrite: true };
    await expect(run(input, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { httpStatus: 404 },
    });
    expect((await folder.read("file")).toString()).toBe("old");
    await run(input, testContext());
    expect(await folder.read("file")).toEqual(content);
    expect(await folder.names()).toEqual(["file"]);
  });

  test("is not written through when it is a symbolic link", async () => {
    await using folder = await downloadFolder();
    await using outside = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    await writeFile(join(outside.path, "secret"), "old");
    await symlink(join(outside.path, "secret"), join(folder.path, "file"));
    await symlink(join(outside.path, "secret"), join(folder.path, "file.task-1.part"));
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    await run({ url: server.url, path: "file", overwrite: true }, testContext());
    expect((await outside.read("secret")).toString()).toBe("old");
    expect(await folder.read("file")).toEqual(content);
    expect(await folder.names()).toEqual(["file"]);
  });

  test("is left alone when it is a folder", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    await mkdir(join(folder.path, "file"));
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    await expect(
      run({ url: server.url, path: "file", overwrite: true }, testContext()),
    ).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { code: "EISDIR" },
      message: expect.stringContaining("choose another path"),
    });
    expect(await folder.names()).toEqual(["file"]);
  });
});

describe("the definition", () => {
  test("accepts an input by its schema", () => {
    const input = { url: "https://a.test/", path: "a", sha256: "a".repeat(64), overwrite: true };
    expect(parseInput(download.input, input)).toBe(input);
    for (const wrong of [
      { path: "a" },
      { url: "https://a.test/" },
      { ...input, path: "" },
      { ...input, sha256: "abc" },
      { ...input, maxBytes: 0 },
      { ...input, mode: 7 },
    ]) {
      expect(() => parseInput(download.input, wrong)).toThrow(
        expect.objectContaining({ code: "INVALID_INPUT" }),
      );
    }
  });

  test("has a title and survives a restart", () => {
    expect(download.name).toBe("download");
    expect(download.recover).toBe("restart");
    expect(download.title?.({ url: "https://a.test/?key=secret", path: "a/b" })).toBe(
      "Download a/b",
    );
  });

  test.each([
    { maxBytes: 0 },
    { maxBytes: Number.NaN },
    { retries: -1 },
    { retries: 1.5 },
    { retryDelayMs: Number.POSITIVE_INFINITY },
    { stallMs: 0 },
    { userAgent: "" },
    { userAgent: "a\r\nb" },
    { allowPrivate: ["http://localhost/"] },
    { allowPrivate: ["local host"] },
    { allowPrivate: [""] },
  ])("refuses the options %o", (options) => {
    expect(() => downloadTask(options)).toThrow(
      expect.objectContaining({ code: "INVALID_OPTION" }),
    );
  });
});
