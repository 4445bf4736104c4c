import { decodeJson } from "../schema/json-value.ts";
import { parseInput } from "../schema/parse-input.ts";
import type { Attempt, Stop, Work } from "./attempt.ts";
import { cancelReason } from "./cancel-reason.ts";
import { RunContext } from "./run-context.ts";
import { requireStartable } from "./startable.ts";

/**
 * Calls the function that does the work, and gives what it gives.
 *
 * @throws what the function throws, or the reason why it was not called
 */
export function execute(attempt: Attempt, work: Work, refuse: (stop: Stop) => never): unknown {
  requireStartable(attempt.record);
  const asked = attempt.record.facts?.cancelRequested;
  if (asked !== undefined && !("mode" in work && work.mode === "recover")) {
    // Asked for during the attempt before, whose owner did not live to see to it.
    return refuse({ kind: "cancel", reason: cancelReason(asked) });
  }
  const context = new RunContext(attempt);
  if ("closure" in work) return work.closure(context);
  const { definition } = work;
  const go =
    work.mode === "recover" && typeof definition.recover === "function"
      ? definition.recover
      : definition.run;
  const parsed = parseInput(definition.input, decodeJson(attempt.record.input ?? ""));
  if (!(parsed instanceof Promise)) return go(parsed, context);
  return parsed.then((input) => {
    // Stopped while its input was looked at: the work does not even begin.
    if (attempt.stopped !== undefined) throw attempt.stopped.reason;
    return go(input, context);
  });
}
