import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { BackgroundManager, bubblewrap, command, commandPolicy } from "../../src/index.ts";
import { bubblewrapPackage, missing } from "./sandbox/needed-programs.ts";

const absent = missing(bubblewrapPackage);

let scratch: string;
let server: Server;
let connections = 0;

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), "meanwhile-sandboxed-"));
  server = createServer((socket) => {
    connections += 1;
    socket.end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterAll(async () => {
  server.close();
  await rm(scratch, { recursive: true, force: true });
});

describe.skipIf(absent !== undefined)(absent ?? "a command in bubblewrap, run by a manager", () => {
  it("writes inside its root, not outside; reaches no network; is ended as a whole", async () => {
    const root = await mkdtemp(join(scratch, "root-"));
    const outside = join(scratch, "outside.txt");
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    await writeFile(join(scratch, "secret"), "canary");
    const script = [
      "echo inside > inside.txt && cat inside.txt",
      `echo x > '${outside}'`,
      "echo x > /usr/no-write || echo no-write",
      `cat '${join(scratch, "secret")}' || echo no-read`,
      `(exec 3<>/dev/tcp/127.0.0.1/${port}) || echo no-network`,
      "exit 7",
    ].join("; ");
    await using manager = new BackgroundManager({
      tasks: [command],
      directory: join(root, "..", "state"),
      commands: commandPolicy({
        root,
        commands: {
          bash: {
            arguments: [
              ["-c", script],
              ["-c", "echo on; sleep 600"],
              ["-c", ":"],
            ],
          },
        },
        sandbox: bubblewrap({ root }),
      }),
    });
    const session = manager.session("s");
    const task = await session.start(command, { argv: ["bash", "-c", script] });
    await expect(task.result()).rejects.toMatchObject({
      code: "EXIT_CODE",
      details: { exitCode: 7 },
    });
    const { text } = await task.output();
    for (const words of ["inside", "no-write", "no-read", "no-network"]) {
      expect(text).toContain(`${words}\n`);
    }
    expect(text).not.toContain("canary");
    expect(existsSync(outside)).toBe(false);
    expect(connections).toBe(0);

    // The sandbox itself is a moment behind, and is nothing that the command left.
    for (let count = 0; count < 10; count += 1) {
      const quick = await session.start(command, { argv: ["bash", "-c", ":"] });
      expect(await quick.result()).toMatchObject({ exitCode: 0, leftRunning: 0 });
    }

    const running = await session.start(command, { argv: ["bash", "-c", "echo on; sleep 600"] });
    while ((await running.output()).text !== "on\n") await new Promise(setImmediate);
    expect((await running.snapshot()).containment).toMatch(/^(cgroup|pid-namespace)$/);
    await running.cancel("enough");
    await expect(running.result()).rejects.toMatchObject({ code: "CANCELLED" });
  });
});
