// Says what a deployment would do.
import { setTimeout as sleep } from "node:timers/promises";

for (const step of ["packing", "uploading", "switching over"]) {
  console.log(`${step} …`);
  await sleep(700);
}
console.log("deployed to nowhere, since this is an example");
