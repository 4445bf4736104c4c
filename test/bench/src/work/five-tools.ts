import type { MockLanguageModelV4 } from "ai/test";
import { scriptedModel } from "./scripted-model.ts";
import { milliseconds, pause } from "./timing.ts";

const tools = 5;

export interface Pace {
  readonly modelMs: number;
  readonly toolMs: number;
}

/** A short run waits less, so its overhead weighs more. */
export function paceOf(quick: boolean): Pace {
  return quick ? { modelMs: 100, toolMs: 400 } : { modelMs: 500, toolMs: 2_000 };
}

/** The slow tool's work. */
export async function research({ topic }: { topic: number }, { toolMs }: Pace): Promise<string> {
  await pause(toolMs);
  return `result of topic ${topic}`;
}

/** The best that can be: the last tool starts after as many calls as there are tools; one more reports it. */
export async function criticalPath({ modelMs, toolMs }: Pace): Promise<number> {
  return milliseconds(async () => {
    for (let call = 0; call < tools; call += 1) await pause(modelMs);
    await pause(toolMs);
    await pause(modelMs);
  });
}

/**
 * Runs an agent whose model starts one tool with each call, until all are started, and then says
 * how many results it knows. Once without tools before, to warm up.
 *
 * @param run one run of the agent on this model, to its end
 * @throws Error when the run ended before the model knew all results
 */
export async function measureAgent(
  { modelMs }: Pace,
  run: (model: MockLanguageModelV4, thread: string) => Promise<void>,
): Promise<{ seconds: number; calls: number }> {
  let isWarm = false;
  let started = 0;
  let calls = 0;
  let known = 0;
  const model = scriptedModel(async (prompt) => {
    if (!isWarm) return { text: "Ready." };
    calls += 1;
    await pause(modelMs);
    const id = started;
    if (id < tools) {
      started += 1;
      return { id: `call-${id}`, input: { topic: id } };
    }
    known = new Set(JSON.stringify(prompt).match(/result of topic \d/g)).size;
    return { text: `I know ${known} results.` };
  });
  await run(model, "warm-up");
  isWarm = true;
  const ms = await milliseconds(() => run(model, "measured"));
  if (known !== tools) throw new Error(`The run ended with ${known} of ${tools} results told.`);
  return { seconds: ms / 1_000, calls };
}
