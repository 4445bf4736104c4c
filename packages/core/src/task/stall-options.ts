import { MeanwhileError } from "../errors.ts";
import { requireDuration } from "./durations.ts";
import { shown } from "./shown.ts";

/** When a running task that does nothing counts as stalled, and who is told. */
export interface StallOptions {
  /**
   * Milliseconds without output, progress and, for a command, processor time. It is looked for
   * every quarter of that.
   * @default 300000
   */
  readonly afterMs?: number;
  /** Also owes the session a notification of kind `message`. @default false */
  readonly notify?: boolean;
}

/** @throws MeanwhileError `INVALID_OPTION` */
export function resolveStall(options: StallOptions | false = {}): Required<StallOptions> | false {
  if (options === false) return false;
  if (typeof options !== "object" || options === null) {
    refuse(`stall must be an object with afterMs and notify, or false; got ${shown(options)}.`);
  }
  const { afterMs = 300_000, notify = false } = options;
  requireDuration(afterMs, "stall.afterMs", "INVALID_OPTION", { positive: true });
  if (typeof notify !== "boolean") {
    refuse(`stall.notify must be true or false; got ${shown(notify)}.`);
  }
  return { afterMs, notify };
}

function refuse(message: string): never {
  throw new MeanwhileError("INVALID_OPTION", message);
}
