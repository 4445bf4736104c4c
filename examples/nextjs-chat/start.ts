/**
 * Starts the chat that `next build` has made: `PORT=3001 npm run chat`. With `--check` it only sees
 * whether it could.
 */
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";

const host = process.env["HOST"] ?? "127.0.0.1";
const port = Number(process.env["PORT"] ?? 3000);

if (!Number.isInteger(port) || port < 1 || port > 65_535) {
  fail(`PORT must be a number from 1 to 65535, and is ${process.env["PORT"]}.`);
} else if (await isTaken()) {
  fail(`Port ${port} is taken. Choose another one: PORT=${port + 1} npm run chat`);
} else if (!process.argv.includes("--check")) {
  start();
}

function isTaken(): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(true));
    probe.listen(port, host, () => probe.close(() => resolve(false)));
  });
}

function start(): void {
  const next = fileURLToPath(import.meta.resolve("next/dist/bin/next"));
  const server = spawn(process.execPath, [next, "start", "-H", host, "-p", String(port)], {
    stdio: "inherit",
    env: {
      ...process.env,
      NEXT_TELEMETRY_DISABLED: "1",
      // The chat itself ends on signals, once its tasks are left in order.
      NEXT_MANUAL_SIG_HANDLE: "1",
    },
  });
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => server.kill(signal));
  }
  server.once("exit", (code) => process.exit(code ?? 1));
}

function fail(sentence: string): void {
  console.error(sentence);
  process.exitCode = 1;
}
