// A process of its own that writes the time, by the clock that all processes share, every few
// milliseconds: something that happens outside and has to be told.
import { writeSync } from "node:fs";
import { pause } from "./timing.ts";

for (;;) {
  await pause(2);
  writeSync(1, `${process.hrtime.bigint()}\n`);
}
