import { join, resolve } from "node:path";
import { catchSignals } from "kit/stop-signal";
import OpenAI from "openai";
import { comparison } from "./comparison.ts";
import { workInSequence } from "./in-sequence.ts";
import { connectModel } from "./model.ts";
import { openScreen } from "./screen.ts";
import { timeline } from "./timeline.ts";
import { workTogether } from "./together.ts";
import { wrap } from "./wrap.ts";

const folder = resolve(process.argv[2] ?? join(import.meta.dirname, "../.meanwhile"));
const stop = catchSignals();

try {
  await main();
} catch (error) {
  const reason = explain(error);
  if (stop.signal.aborted) stop.end();
  else if (reason === undefined) throw error;
  else {
    console.error(reason);
    process.exitCode = 1;
  }
}

async function main(): Promise<void> {
  using screen = openScreen(process.stdout);
  await using model = await connectModel(process.env);
  const stage = { folder, model, screen, signal: stop.signal };
  const say = (text: string): void => screen.print(wrap(text, screen.columns - 1).join("\n"));

  say(`The model: ${model.description}.\nCtrl-C stops; npm start goes on then.\n`);
  const { recording, isResumed } = await workTogether(stage).catch((error: unknown) => {
    screen.end("leave");
    if (stop.signal.aborted) say("stopped; npm start goes on where it was");
    throw error;
  });
  screen.print(`\n${timeline(recording, screen.columns).join("\n")}\n`);
  if (isResumed) {
    say("The first part ran before the interruption, so the time is not compared.");
    return;
  }
  say("Now the same work in sequence, as without background tasks:");
  const inSequence = await workInSequence(stage).catch((error: unknown) => {
    if (stop.signal.aborted) say("stopped; nothing is left to go on with");
    throw error;
  });
  screen.print(`\n${comparison(recording, inSequence).join("\n")}`);
}

/** What has to be expected, in words. */
function explain(error: unknown): string | undefined {
  if (error instanceof OpenAI.APIError) {
    return `The model does not answer: ${error.message} Once it does, npm start goes on.`;
  }
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    return `Another demo seems to run. If none does, delete ${folder} to begin anew.`;
  }
  return undefined;
}
