import { MeanwhileError } from "@meanwhile/core";
import * as ai from "ai";

export type Steering = ReturnType<typeof ai.experimental_createSteering>;

/** @throws MeanwhileError `INVALID_OPTION` when this version of the AI SDK has no steering */
export function createSteering(): Steering {
  const create = (ai as Partial<typeof ai>).experimental_createSteering;
  if (create !== undefined) return create();
  throw new MeanwhileError(
    "INVALID_OPTION",
    "This needs `experimental_createSteering` of the AI SDK, which `ai` has from 7.0.160 on. Install such a version, or use `prepareStep()`.",
  );
}

/** Under this name the AI SDK looks for what begins a run, in any of its copies. */
const starter = Symbol.for("vercel.ai.steering.start");

/**
 * Calls back when the run that the object serves has ended in whatever way, with the AI SDK's word
 * for it: also by an error, or a reader that left, of which no callback of the AI SDK tells. Where the object does not have the
 * expected shape nothing is called, and what was leased comes back when its lease runs out.
 */
export function onSteeringEnd(steering: Steering, ended: (reason: unknown) => void): void {
  const start: unknown = Reflect.get(steering, starter);
  if (typeof start !== "function") return;
  Object.defineProperty(steering, starter, {
    value: () => {
      const run: unknown = start.call(steering);
      if (typeof run !== "object" || run === null || !("end" in run)) return run;
      const { end } = run;
      if (typeof end !== "function") return run;
      return {
        ...run,
        end: (reason: unknown) => {
          end.call(run, reason);
          ended(reason);
        },
      };
    },
  });
}
