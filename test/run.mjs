// `npm test`: installs, runs every check in one turbo call, and ends with a line that counts them.
// This file runs on the Node that the machine has (20 or newer), the checks on the one installed.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { reportFile, tally } from "./tally.mjs";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const summaries = join(root, ".turbo", "runs");
// Where everything that tests need is at hand, a skipped test is a check that was lost.
const skipsFail = process.env.MEANWHILE_REQUIRE_ALL === "1";

conclude(runChecks());

function runChecks() {
  if (!run("npm run --silent setup")) return [failure("setup")];
  rmSync(summaries, { recursive: true, force: true });
  const succeeded = run(
    "npx --yes pnpm@12.21.0 exec turbo run build typecheck test //#lint //#knip" +
      " --continue=always --summarize --log-order=grouped --output-logs=new-only",
  );
  const checks = readTasks().map((task) => tally(task, readReport(task)));
  const explained = succeeded || checks.some((check) => check.failures.length > 0);
  return explained && checks.length > 0 ? checks : [...checks, failure("turbo")];
}

function run(command) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1" };
  return spawnSync(command, { cwd: root, env, shell: true, stdio: "inherit" }).status === 0;
}

function failure(name) {
  return { name, passed: 0, failures: ["see above"], skips: [] };
}

function readTasks() {
  const [file] = existsSync(summaries) ? readdirSync(summaries) : [];
  return file === undefined ? [] : readJson(join(summaries, file)).tasks;
}

function readReport(task) {
  const file = join(root, task.directory, reportFile);
  return existsSync(file) ? readJson(file) : undefined;
}

function readJson(file) {
  return JSON.parse(readFileSync(file, "utf8"));
}

function conclude(checks) {
  const passed = checks.reduce((sum, check) => sum + check.passed, 0);
  const failures = named(checks, "failures");
  const skips = named(checks, "skips");
  for (const name of failures) console.log(`failed: ${name}`);
  for (const name of skips) console.log(`skipped: ${name}`);
  const failed = failures.length + (skipsFail ? skips.length : 0);
  const skipped = skipsFail || skips.length === 0 ? "" : `, ${skips.length} skipped`;
  process.exitCode = failed === 0 ? 0 : 1;
  console.log(`\n${passed} passed, ${failed} failed${skipped}`);
}

function named(checks, kind) {
  return checks.flatMap((check) => check[kind].map((name) => `${check.name}: ${name}`));
}
