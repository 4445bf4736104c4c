import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { downloadTask } from "../../src/download/download.ts";
import type { DownloadOptions } from "../../src/download/options.ts";
import type { AdmissionContext } from "../../src/task/definition.ts";
import { downloadFolder } from "./download-folder.ts";
import { bytesOf, fileServer, sendFile, sha256 } from "./file-server.ts";
import { testContext } from "./test-context.ts";

const content = bytesOf("content", 10_000);
const admission: AdmissionContext = {
  session: "s",
  commands: { decide: () => ({ decision: "deny", reason: "unused" }) },
};

describe("an address that is not public", () => {
  test.each(["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]", "0.0.0.0"])(
    "is not reached as %s",
    async (host) => {
      await using folder = await downloadFolder();
      await using server = await fileServer((request, response) =>
        sendFile(request, response, content),
      );
      const { run } = downloadTask({ directory: folder.path });
      await expect(
        run({ url: `http://${host}:${server.port}/`, path: "file" }, testContext()),
      ).rejects.toMatchObject({
        code: "DOWNLOAD",
        message: expect.stringContaining("private, local or reserved"),
      });
      expect(server.requests).toHaveLength(0);
      expect(await folder.names()).toEqual([]);
    },
  );

  test("is not reached by a redirect from one that is allowed", async () => {
    await using folder = await downloadFolder();
    await using inner = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    await using outer = await fileServer((_request, response) =>
      response.writeHead(302, { Location: `${inner.url}/secret` }).end(),
    );
    const { run } = downloadTask({
      directory: folder.path,
      allowPrivate: [`127.0.0.1:${outer.port}`],
    });
    await expect(run({ url: outer.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
    });
    expect(outer.requests).toHaveLength(1);
    expect(inner.requests).toHaveLength(0);
  });

  test.each<[string, (port: number) => DownloadOptions]>([
    ["all are", () => ({ allowPrivate: true })],
    ["its host is", () => ({ allowPrivate: ["127.0.0.1"] })],
    ["its host in another spelling is", () => ({ allowPrivate: ["0x7f.0.0.1"] })],
    ["its host and port are", (port) => ({ allowPrivate: ["::1", `127.0.0.1:${port}`] })],
  ])("is reached when %s allowed", async (_name, options) => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, ...options(server.port) });
    const output = await run({ url: server.url, path: "file" }, testContext());
    expect(output.sha256).toBe(sha256(content));
  });

  test("is reached by a name that is allowed", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: ["LOCALHOST"] });
    const url = `http://localhost:${server.port}/`;
    expect((await run({ url, path: "file" }, testContext())).bytes).toBe(content.length);
  });

  test.each([["127.0.0.1:1"], ["localhost"], ["[::1]"]])(
    "is not reached when only %s is allowed",
    async (allowed) => {
      await using folder = await downloadFolder();
      await using server = await fileServer((request, response) =>
        sendFile(request, response, content),
      );
      const { run } = downloadTask({ directory: folder.path, allowPrivate: [allowed] });
      await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
        code: "DOWNLOAD",
      });
      expect(server.requests).toHaveLength(0);
    },
  );
});

describe("a redirect", () => {
  test.each([301, 302, 303, 307, 308])("with status %i is followed", async (status) => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) => {
      if (request.url === "/there") return sendFile(request, response, content);
      response.writeHead(status, { Location: "there#part" }).end("moved");
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    const output = await run({ url: `${server.url}/here`, path: "file" }, testContext());
    expect(output.sha256).toBe(sha256(content));
    expect(server.requests.map(({ url }) => url)).toEqual(["/here", "/there"]);
  });

  test("is followed five times and no more", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) => {
      const step = Number(request.url?.slice(1));
      if (step === 0) return sendFile(request, response, content);
      response.writeHead(302, { Location: `/${step - 1}` }).end();
    });
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    await run({ url: `${server.url}/5`, path: "five" }, testContext());
    await expect(run({ url: `${server.url}/6`, path: "six" }, testContext())).rejects.toMatchObject(
      { code: "DOWNLOAD", message: expect.stringContaining("more than 5") },
    );
    expect(await folder.names()).toEqual(["five"]);
  });

  test.each([
    "ftp://a.test/",
    "file:///etc/passwd",
    "http://user:pass@127.0.0.1/",
    "http://",
    "data:,x",
  ])("to %s is refused", async (location) => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) =>
      response.writeHead(302, { Location: location }).end(),
    );
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { httpStatus: 302 },
    });
    expect(server.requests).toHaveLength(1);
  });

  test("without an address fails", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((_request, response) => response.writeHead(302).end());
    const { run } = downloadTask({ directory: folder.path, allowPrivate: true });
    await expect(run({ url: server.url, path: "file" }, testContext())).rejects.toMatchObject({
      code: "DOWNLOAD",
      details: { httpStatus: 302 },
    });
  });
});

describe("an input", () => {
  test.each([
    ["no URL", { url: "nowhere" }],
    ["a relative URL", { url: "/file" }],
    ["another scheme", { url: "ftp://a.test/file" }],
    ["a file URL", { url: "file:///etc/passwd" }],
    ["a user name", { url: "https://user@a.test/" }],
    ["a password", { url: "https://:secret@a.test/" }],
    ["a private address", { url: "http://10.0.0.1/" }],
    ["the metadata address", { url: "http://169.254.169.254/latest/meta-data" }],
    ["a path that leads out", { path: "../file" }],
    ["a path that leads out by detours", { path: "a/b/../../../file" }],
    ["an absolute path elsewhere", { path: "/tmp/file" }],
    ["a path through a link that leads out", { path: "out/file" }],
    ["a path through a link to nothing", { path: "dangling/file" }],
    ["a path through a file", { path: "plain/file" }],
    ["the directory itself", { path: "." }],
    ["the path of a folder", { path: "sub/" }],
    ["a NUL", { path: "a\0b" }],
    ["a name that is too long", { path: `${"x".repeat(300)}/file` }],
  ])("with %s is refused at admission and again when it runs", async (_name, wrong) => {
    await using folder = await downloadFolder();
    await using outside = await downloadFolder();
    await symlink(outside.path, join(folder.path, "out"));
    await symlink(join(outside.path, "missing"), join(folder.path, "dangling"));
    await writeFile(join(folder.path, "plain"), "");
    const { admit, run } = downloadTask({ directory: folder.path });
    const input = { url: "https://a.test/file", path: "file", ...wrong };
    await expect(admit?.(input, admission)).rejects.toMatchObject({
      code: "INVALID_INPUT",
      message: expect.stringMatching(/^("url"|"path"|The host) .*\.$/),
    });
    const code = /^http:/.test(input.url) ? "DOWNLOAD" : "INVALID_INPUT";
    await expect(run(input, testContext())).rejects.toMatchObject({ code });
    expect(await outside.names()).toEqual([]);
    expect(await folder.names()).toEqual(["dangling", "out", "plain"]);
  });

  test.each(["file", "new/folder/file", "a/../file", "in/file", ".hidden"])(
    "with the path %s is accepted, and admission makes nothing",
    async (path) => {
      await using folder = await downloadFolder();
      await mkdir(join(folder.path, "sub"));
      await symlink(join(folder.path, "sub"), join(folder.path, "in"));
      const { admit } = downloadTask({ directory: folder.path });
      await admit?.({ url: "https://a.test/file", path }, admission);
      await admit?.({ url: "https://a.test/file", path: join(folder.path, path) }, admission);
      expect(await folder.names()).toEqual(["in", "sub"]);
    },
  );

  test("may name a directory that does not exist yet", async () => {
    await using folder = await downloadFolder();
    await using server = await fileServer((request, response) =>
      sendFile(request, response, content),
    );
    const directory = join(folder.path, "made/later");
    const { admit, run } = downloadTask({ directory, allowPrivate: true });
    const input = { url: server.url, path: "file" };
    await admit?.(input, admission);
    expect((await run(input, testContext())).path).toBe(join(directory, "file"));
  });

  test("is accepted with a private address that is allowed", async () => {
    await using folder = await downloadFolder();
    const { admit } = downloadTask({ directory: folder.path, allowPrivate: ["10.0.0.1:8080"] });
    await admit?.({ url: "http://10.0.0.1:8080/", path: "file" }, admission);
    await expect(
      admit?.({ url: "http://10.0.0.1/", path: "file" }, admission),
    ).rejects.toMatchObject({ code: "INVALID_INPUT" });
  });
});
