import { mkdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describeModel, modelError } from "kit/choose-model";
import { catchSignals } from "kit/stop-signal";
import { openStory } from "kit/story";
import { research } from "./research.ts";

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, "../.meanwhile"));
const stop = catchSignals();

try {
  console.log(`The model: ${describeModel(process.env)}.`);
  console.log("Ctrl-C stops; the next start goes on then.\n");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await research({
    folder,
    env: process.env,
    story: openStory(process.stdout),
    signal: stop.signal,
  });
  await rm(folder, { recursive: true, force: true });
} catch (error) {
  const reason = modelError(error);
  if (stop.signal.aborted) {
    console.log("\nstopped; the next start goes on where it was");
    stop.end();
  } else if (reason === undefined) throw error;
  else {
    console.error(`\n${reason} Once it does, the next start goes on.`);
    process.exitCode = 1;
  }
}
