import { join, resolve } from "node:path";
import { comparison } from "./comparison.ts";
import { workInSequence } from "./in-sequence.ts";
import { connectModel } from "./model.ts";
import { openScreen } from "./screen.ts";
import { timeline } from "./timeline.ts";
import { workTogether } from "./together.ts";

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, "../.meanwhile"));
const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(name, () => stop.abort(name));
}

try {
  await main();
} catch (error) {
  if (!stop.signal.aborted) throw error;
  // Ended by the signal itself, so that the shell sees what happened: 130 after Ctrl-C.
  process.kill(process.pid, stop.signal.reason);
}

async function main(): Promise<void> {
  using screen = openScreen(process.stdout);
  await using model = await connectModel(process.env);
  const stage = { folder, model, screen, signal: stop.signal };

  screen.print(`The model: ${model.description}.\nCtrl-C stops; npm start goes on then.\n`);
  const { recording, isResumed } = await workTogether(stage).catch((error: unknown) => {
    if (stop.signal.aborted) screen.print("\nstopped; npm start goes on where it was");
    throw error;
  });
  screen.print(`\n${timeline(recording, screen.columns).join("\n")}\n`);
  if (isResumed) {
    screen.print("The first part ran before the interruption, so its time is not compared.");
    return;
  }
  screen.print("Now the same work in sequence, as without background tasks:");
  const inSequence = await workInSequence(stage);
  screen.print(`\n${comparison(recording, inSequence).join("\n")}`);
}
