/**
 * A process that downloads, as `node child.ts <input as JSON> <options as JSON> <checkpoint file>`.
 * It keeps its checkpoint in the file and tells its parent of each report and of the end.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { downloadTask } from "../../src/download/download.ts";
import { testContext } from "./test-context.ts";

const [input = "", options = "", checkpointFile = ""] = process.argv.slice(2);
let reports = 0;
let mostHeldBytes = 0;
const context = testContext({
  ...(existsSync(checkpointFile)
    ? { checkpoint: JSON.parse(readFileSync(checkpointFile, "utf8")) }
    : {}),
  onSave(text) {
    writeFileSync(`${checkpointFile}.new`, text);
    renameSync(`${checkpointFile}.new`, checkpointFile);
  },
  onReport(progress) {
    reports += 1;
    if (reports % 50 === 0) {
      globalThis.gc?.();
      mostHeldBytes = Math.max(mostHeldBytes, process.memoryUsage().arrayBuffers);
    }
    process.send?.({ progress });
  },
});
const { run } = downloadTask(JSON.parse(options));
const output = await run(JSON.parse(input), context);
process.send?.({ output, mostHeldBytes });
process.disconnect();
