import { type ChildProcess, fork } from "node:child_process";
import { randomFillSync } from "node:crypto";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { DownloadOutput } from "../../src/download/download.ts";
import type { Progress } from "../../src/store/store.ts";
import { downloadFolder } from "./download-folder.ts";
import { fileServer, sendFile, sha256 } from "./file-server.ts";

interface Message {
  readonly progress?: Progress;
  readonly output?: DownloadOutput;
  readonly mostHeldBytes?: number;
}

function child(input: object, directory: string): ChildProcess {
  const options = { directory, allowPrivate: true, retryDelayMs: 0 };
  return fork(
    join(import.meta.dirname, "child.ts"),
    [JSON.stringify(input), JSON.stringify(options), join(directory, "checkpoint")],
    { execArgv: ["--experimental-strip-types", "--expose-gc", "--no-warnings"] },
  );
}

function message(from: ChildProcess, satisfies: (message: Message) => boolean): Promise<Message> {
  return new Promise((resolve, reject) => {
    const onMessage = (received: Message): void => {
      if (!satisfies(received)) return;
      from.off("message", onMessage).off("exit", onExit);
      resolve(received);
    };
    const onExit = (code: number | null): void => {
      reject(new Error(`The process ended with ${code}.`));
    };
    from.on("message", onMessage).on("exit", onExit);
  });
}

test("a process that was killed leaves bytes that the next one does not ask for again", async () => {
  const content = randomFillSync(Buffer.allocUnsafe(8_000_000));
  await using folder = await downloadFolder();
  const lengths: unknown[] = [];
  await using server = await fileServer((request, response, index) => {
    // The first answer cannot end before the process does.
    sendFile(request, response, content, index === 0 ? { stallAfter: 5_000_000 } : {});
    lengths.push(response.getHeader("Content-Length"));
  });
  const input = { url: server.url, path: "file", sha256: sha256(content) };

  const first = child(input, folder.path);
  await message(first, ({ progress }) => (progress?.completed ?? 0) > 2_000_000);
  first.kill("SIGKILL");
  await once(first, "exit");
  const { size: left } = await stat(join(folder.path, "file.task-1.part"));
  expect(left).toBeGreaterThan(2_000_000);
  expect(left).toBeLessThan(content.length);
  expect(await folder.names()).not.toContain("file");

  const second = child(input, folder.path);
  const { output } = await message(second, (received) => received.output !== undefined);
  await once(second, "exit");
  expect(output).toMatchObject({ bytes: content.length, resumedFrom: left, sha256: input.sha256 });
  expect((await folder.read("file")).equals(content)).toBe(true);
  expect(await folder.names()).toEqual(["checkpoint", "file"]);
  expect(server.requests.map(({ headers }) => headers.range)).toEqual([
    undefined,
    `bytes=${left}-`,
  ]);
  expect(lengths).toEqual([content.length, content.length - left]);
});

test("a file of 64 MB passes through without staying in memory", async () => {
  const content = randomFillSync(Buffer.allocUnsafe(64 * 1024 * 1024));
  await using folder = await downloadFolder();
  await using server = await fileServer((request, response) =>
    sendFile(request, response, content),
  );
  const process = child({ url: server.url, path: "file" }, folder.path);
  const { output, mostHeldBytes } = await message(
    process,
    (received) => received.output !== undefined,
  );
  await once(process, "exit");
  expect(output?.sha256).toBe(sha256(content));
  expect(mostHeldBytes).toBeGreaterThan(0);
  expect(mostHeldBytes).toBeLessThan(16 * 1024 * 1024);
});
