import { describeModel, modelError } from "kit/choose-model";
import { catchSignals } from "kit/stop-signal";
import { openStory } from "kit/story";
import { publishSite } from "./publish-site.ts";

const stop = catchSignals();

try {
  console.log(`The model: ${describeModel(process.env)}.\n`);
  await publishSite({ env: process.env, story: openStory(process.stdout), signal: stop.signal });
} catch (error) {
  const reason = modelError(error);
  if (stop.signal.aborted) {
    console.log("\nstopped");
    stop.end();
  } else if (reason === undefined) throw error;
  else {
    console.error(`\n${reason}`);
    process.exitCode = 1;
  }
}
