import type { Engine } from "../manager/engine.ts";
import type { TaskRecord } from "../store/store.ts";
import { readOutput } from "./reader.ts";

const tailBytes = 4_096;

/** The end of a settled task's output, raw; null if it printed nothing or cannot be read. */
export async function outputTail(engine: Engine, task: TaskRecord): Promise<string | null> {
  try {
    const path = engine.files.path(task.id, task.facts?.outputFile ?? "output");
    const state = { settled: true, capBytes: engine.options.outputBytes };
    const { text } = await readOutput(
      path,
      { maxBytes: tailBytes, tail: true, wholeLines: true },
      state,
    );
    return text === "" ? null : text;
  } catch (error) {
    engine.events.emit({ type: "store-error", error });
    return null;
  }
}
