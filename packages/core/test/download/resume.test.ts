import { open, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { downloadTask } from "../../src/download/download.ts";
import { downloadFolder } from "./download-folder.ts";
import {
  bytesOf,
  fileServer,
  type Handler,
  type SendOptions,
  sendFile,
  sha256,
} from "./file-server.ts";
import { testContext } from "./test-context.ts";

const size = 300_000;
const half = 150_000;
const content = bytesOf("content", size);
const changed = bytesOf("changed", size);
const before = "Wed, 01 Jan 2020 00:00:00 GMT";

/** Breaks the first answer in the middle and gives the later ones to the handler. */
function brokenOnce(then: Handler, options: SendOptions = {}): Handler {
  return (request, response, index) => {
    if (index === 0) sendFile(request, response, content, { ...options, breakAfter: half });
    else then(request, response, index);
  };
}

async function run(handler: Handler, input: { sha256?: string } = {}) {
  await using folder = await downloadFolder();
  await using server = await fileServer(handler);
  const task = downloadTask({ directory: folder.path, allowPrivate: true, retryDelayMs: 0 });
  const context = testContext();
  const output = await task.run({ url: server.url, path: "file", ...input }, context);
  expect(await folder.names()).toEqual(["file"]);
  const ranges = server.requests.map(({ headers }) => [headers.range, headers["if-range"]]);
  return { output, context, ranges, stored: await folder.read("file") };
}

const whole = [undefined, undefined];

describe("after an interruption a download", () => {
  test("goes on from the byte where it was, if the file has a strong ETag", async () => {
    const { output, context, ranges, stored } = await run(
      brokenOnce((request, response) => sendFile(request, response, content)),
    );
    expect(stored).toEqual(content);
    expect(output.sha256).toBe(sha256(content));
    expect(output.resumedFrom).toBeUndefined();
    expect(ranges).toEqual([whole, [`bytes=${half}-`, `"${sha256(content).slice(0, 16)}"`]]);
    expect(context.reports.find(({ message }) => message !== undefined)).toEqual({
      completed: half,
      total: size,
      message: "Interrupted (ECONNRESET), goes on in 0 s",
    });
  });

  test("goes on when the connection broke before the body was read", async () => {
    await using folder = await downloadFolder();
    const { promise: broken, resolve: tellBroken } = Promise.withResolvers<void>();
    await using server = await fileServer((request, response, index) => {
      response.socket?.once("close", tellBroken);
      sendFile(request, response, content, index === 0 ? { breakAfter: 10_000 } : {});
    });
    const task = downloadTask({ directory: folder.path, allowPrivate: true, retryDelayMs: 0 });
    const context = testContext({ onSave: () => broken });
    const output = await task.run({ url: server.url, path: "file" }, context);
    expect(output.sha256).toBe(sha256(content));
    expect(server.requests.map(({ headers }) => headers.range)).toEqual([
      undefined,
      expect.stringMatching(/^bytes=\d+-$/),
    ]);
  });

  test("goes on by the date of the last change where there is no ETag", async () => {
    const options = { etag: null, lastModified: before };
    const { ranges, stored } = await run(
      brokenOnce((request, response) => sendFile(request, response, content, options), options),
    );
    expect(stored).toEqual(content);
    expect(ranges).toEqual([whole, [`bytes=${half}-`, before]]);
  });

  test.each<SendOptions>([{ etag: null }, { etag: 'W/"weak"' }])(
    "starts over where nothing says that the file is the same: %o",
    async (options) => {
      const { ranges, stored } = await run(
        brokenOnce((request, response) => sendFile(request, response, content, options), options),
      );
      expect(stored).toEqual(content);
      expect(ranges).toEqual([whole, whole]);
    },
  );

  test("takes the new file as a whole when it changed meanwhile", async () => {
    const { ranges, stored } = await run(
      brokenOnce((request, response) => sendFile(request, response, changed)),
    );
    expect(stored).toEqual(changed);
    expect(ranges).toHaveLength(2);
  });

  test("starts over when the server has no ranges", async () => {
    const { ranges, stored } = await run(
      brokenOnce((request, response) =>
        sendFile(request, response, content, { ignoreRange: true }),
      ),
    );
    expect(stored).toEqual(content);
    expect(ranges).toHaveLength(2);
  });

  test("starts over when the server gives a range of a changed file", async () => {
    const { ranges, stored } = await run(
      brokenOnce((request, response) =>
        sendFile(request, response, changed, { ignoreIfRange: true }),
      ),
    );
    expect(stored).toEqual(changed);
    expect(ranges).toEqual([whole, [expect.anything(), expect.anything()], whole]);
  });

  test("starts over when the server gives another range than asked for", async () => {
    const { ranges, stored } = await run(
      brokenOnce((request, response) => {
        if (request.headers.range === undefined) return sendFile(request, response, content);
        response.writeHead(206, { "Content-Range": `bytes 0-${size - 1}/${size}` }).end(content);
      }),
    );
    expect(stored).toEqual(content);
    expect(ranges).toHaveLength(3);
  });

  test("starts over when the server cannot give the range", async () => {
    const shorter = content.subarray(0, 1_000);
    const { ranges, stored } = await run(
      brokenOnce((request, response) =>
        sendFile(request, response, shorter, { ignoreIfRange: true }),
      ),
    );
    expect(stored).toEqual(shorter);
    expect(ranges).toHaveLength(3);
  });

  test("starts over when a range has more bytes than it says", async () => {
    const { ranges, stored } = await run(
      brokenOnce((request, response) => {
        if (request.headers.range === undefined) return sendFile(request, response, content);
        response
          .writeHead(206, { "Content-Range": `bytes ${half}-${size - 1}/${size}` })
          .end(Buffer.concat([content.subarray(half), changed]));
      }),
    );
    expect(stored).toEqual(content);
    expect(ranges).toEqual([whole, [expect.anything(), expect.anything()], whole]);
  });

  test("asks on when a range has fewer bytes than were asked for", async () => {
    const { ranges, stored } = await run((request, response, index) => {
      if (index === 0) return sendFile(request, response, content, { breakAfter: half });
      const start = Number(request.headers.range?.slice(6, -1));
      const end = Math.min(start + 50_000, size);
      response
        .writeHead(206, { "Content-Range": `bytes ${start}-${end - 1}/${size}` })
        .end(content.subarray(start, end));
    });
    expect(stored).toEqual(content);
    expect(ranges).toHaveLength(4);
  });

  test("takes the whole once more when the pieces do not have the checksum", async () => {
    const { ranges, stored } = await run(
      // The ETag stays although the file changes, so that the pieces are of two files.
      (request, response, index) =>
        sendFile(request, response, index === 0 ? content : changed, {
          etag: '"same"',
          ...(index === 0 ? { breakAfter: half } : {}),
        }),
      { sha256: sha256(changed) },
    );
    expect(stored).toEqual(changed);
    expect(ranges).toEqual([whole, [`bytes=${half}-`, '"same"'], whole]);
  });
});

describe("after a restart of its process a download", () => {
  /** Runs a first attempt to its middle, closes it, does something, and runs a second one. */
  async function restarted(options: {
    readonly second?: Handler;
    readonly between?: (folder: string, part: string) => Promise<void>;
    readonly checkpoint?: (saved: Record<string, unknown>) => unknown;
    readonly send?: SendOptions;
    readonly overwrite?: boolean;
  }) {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response, index) => {
      if (index === 0) sendFile(request, response, content, { ...options.send, stallAfter: half });
      else if (options.second !== undefined) options.second(request, response, index);
      else sendFile(request, response, content, options.send);
    });
    const task = downloadTask({ directory: folder.path, allowPrivate: true, retryDelayMs: 0 });
    const input = { url: server.url, path: "file", overwrite: options.overwrite ?? false };
    const first = testContext();
    const attempt = task.run(input, first);
    await first.until(({ completed }) => completed === half);
    first.stop("CLOSED");
    await expect(attempt).rejects.toMatchObject({ code: "CLOSED" });
    expect(await folder.names()).toEqual(["file.task-1.part"]);
    const part = join(folder.path, "file.task-1.part");
    await options.between?.(folder.path, part);
    const saved = first.saved() as Record<string, unknown>;
    const checkpoint = options.checkpoint === undefined ? saved : options.checkpoint(saved);
    const second = testContext({ checkpoint });
    const output = await task.run(input, second);
    expect(await folder.names()).toEqual(["file"]);
    const ranges = server.requests.map(({ headers }) => headers.range);
    return { output, stored: await folder.read("file"), ranges, reports: second.reports };
  }

  test("goes on from the bytes that are in the part file", async () => {
    const { output, stored, ranges, reports } = await restarted({});
    expect(stored).toEqual(content);
    expect(output).toMatchObject({ bytes: size, sha256: sha256(content), resumedFrom: half });
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
    expect(reports[0]).toEqual({ completed: half, total: size });
  });

  test("believes the part file, not the checkpoint, about how many there are", async () => {
    const { output, stored, ranges } = await restarted({
      between: (_folder, part) => truncate(part, 1_234),
    });
    expect(stored).toEqual(content);
    expect(output.resumedFrom).toBe(1_234);
    expect(ranges[1]).toBe("bytes=1234-");
  });

  test("starts over when the file behind the URL changed", async () => {
    const { output, stored } = await restarted({
      second: (request, response) => sendFile(request, response, changed),
    });
    expect(stored).toEqual(changed);
    expect(output.resumedFrom).toBeUndefined();
  });

  test.each<[string, Parameters<typeof restarted>[0]]>([
    [
      "the checkpoint is of another URL",
      { checkpoint: (saved) => ({ ...saved, url: "http://a/" }) },
    ],
    [
      "the checkpoint is of another file",
      { checkpoint: (saved) => ({ ...saved, part: "/other" }) },
    ],
    ["there is no checkpoint", { checkpoint: () => undefined }],
    ["nothing says that the file is the same", { send: { etag: null } }],
    [
      "the part file is a symbolic link",
      {
        between: async (folder, part) => {
          await rm(part);
          await writeFile(join(folder, "file"), "elsewhere");
          await symlink(join(folder, "file"), part);
        },
        overwrite: true,
      },
    ],
    [
      "the part file is gone",
      {
        between: async (_folder, part) => {
          await rm(part);
        },
      },
    ],
  ])("starts over when %s", async (_name, options) => {
    const { output, stored, ranges } = await restarted(options);
    expect(stored).toEqual(content);
    expect(output.resumedFrom).toBeUndefined();
    expect(ranges).toEqual([undefined, undefined]);
  });

  test("starts over when the part file is longer than the file", async () => {
    const { stored, ranges } = await restarted({
      between: (_folder, part) => writeFile(part, Buffer.concat([content, changed])),
    });
    expect(stored).toEqual(content);
    expect(ranges).toEqual([undefined, `bytes=${2 * size}-`, undefined]);
  });

  test("asks nobody when every byte was there already", async () => {
    const { output, stored, ranges } = await restarted({
      between: (_folder, part) => writeFile(part, content),
    });
    expect(stored).toEqual(content);
    expect(output.resumedFrom).toBe(size);
    expect(ranges).toHaveLength(1);
  });

  test("finds its own file when the process died right after giving it its name", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const task = downloadTask({ directory: folder.path, allowPrivate: true });
    const input = { url: server.url, path: "file" };
    const first = testContext();
    const output = await task.run(input, first);
    // The link is made and the old name still there: what a crash between the two leaves.
    await writeFile(join(folder.path, "file.task-1.part"), content);
    const again = await task.run(input, testContext({ checkpoint: first.saved() }));
    expect(again).toEqual({ ...output, durationMs: again.durationMs });
    expect(server.requests).toHaveLength(1);
    expect(await folder.names()).toEqual(["file"]);

    await writeFile(join(folder.path, "file"), "someone else's");
    const third = task.run(input, testContext({ checkpoint: first.saved() }));
    await expect(third).rejects.toMatchObject({ code: "DOWNLOAD" });
    expect((await folder.read("file")).toString()).toBe("someone else's");
  });

  test("takes a part file whose end was seen for whole, though no size was ever said", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) => {
      response.write(content.subarray(0, half));
      response.end(content.subarray(half));
    });
    const task = downloadTask({ directory: folder.path, allowPrivate: true });
    const input = { url: server.url, path: "file" };
    const first = testContext();
    await task.run(input, first);
    await rename(join(folder.path, "file"), join(folder.path, "file.task-1.part"));
    const output = await task.run(input, testContext({ checkpoint: first.saved() }));
    expect(output).toMatchObject({ bytes: size, resumedFrom: size });
    expect(server.requests).toHaveLength(1);
    expect(await folder.read("file")).toEqual(content);
  });

  test.each(["CANCELLED", "TIMEOUT"] as const)(
    "deletes what the earlier attempt left when it ends with %s at once",
    async (code) => {
      await using folder = await downloadFolder();
      const part = join(folder.path, "file.task-1.part");
      await writeFile(part, content);
      const checkpoint = {
        url: "http://a.test/",
        part,
        validator: '"a"',
        total: 9e9,
        sha256: null,
      };
      const context = testContext({ checkpoint });
      context.stop(code);
      const { run } = downloadTask({ directory: folder.path });
      await expect(run({ url: "http://a.test/", path: "file" }, context)).rejects.toMatchObject({
        code,
      });
      expect(await folder.names()).toEqual([]);
    },
  );

  test("keeps the part file too when another owner has the task", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content, { stallAfter: half }),
    );
    const task = downloadTask({ directory: folder.path, allowPrivate: true });
    const context = testContext();
    const attempt = task.run({ url: server.url, path: "file" }, context);
    await context.until(({ completed }) => completed === half);
    context.stop("LEASE_LOST");
    await expect(attempt).rejects.toMatchObject({ code: "LEASE_LOST" });
    expect(await folder.names()).toEqual(["file.task-1.part"]);
  });

  test("does not take the name when another process put its own part file there", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) => {
      response.setHeader("Content-Length", size);
      response.write(content.subarray(0, half));
      const part = join(folder.path, "file.task-1.part");
      void context
        .until(({ completed }) => completed === half)
        .then(async () => {
          await rm(part);
          await writeFile(part, "half of another");
          response.end(content.subarray(half));
        });
    });
    const task = downloadTask({ directory: folder.path, allowPrivate: true });
    const context = testContext();
    await expect(task.run({ url: server.url, path: "file" }, context)).rejects.toMatchObject({
      code: "DOWNLOAD",
      message: expect.stringContaining("Another process"),
    });
    expect(await folder.names()).toEqual(["file.task-1.part"]);
    expect((await folder.read("file.task-1.part")).toString()).toBe("half of another");
  });

  test("has a part file of its own when the one that was left is empty", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const part = join(folder.path, "file.task-1.part");
    await writeFile(part, "");
    const former = await open(part, "r+");
    const task = downloadTask({ directory: folder.path, allowPrivate: true });
    const checkpoint = { url: `${server.url}/`, part, validator: '"old"', total: 9, sha256: null };
    await task.run({ url: server.url, path: "file" }, testContext({ checkpoint }));
    // What a former owner still writes goes nowhere.
    await former.write("late");
    await former.close();
    expect(await folder.read("file")).toEqual(content);
  });
});
