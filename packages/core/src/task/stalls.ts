import { aboutTask } from "../manager/about-task.ts";
import type { Engine } from "../manager/engine.ts";
import { renderDuration } from "../render/duration.ts";
import type { Activity } from "./activity.ts";
import type { Attempt } from "./attempt.ts";
import { notifyAbout } from "./notify.ts";

/** Sees which of the running tasks have stopped moving. One alarm serves all of them. */
export interface Stalls {
  /** An attempt begins: from now on there is something to look at. */
  started(): void;
}

/** What was seen of an attempt. Times are of the monotonic clock. */
interface Sighting {
  readonly signs: number;
  /** Since when it has not moved. */
  since: number;
  told: boolean;
  probing: boolean;
  /** Processor time, and when it was read; undefined before the attempt was first found quiet. */
  cpu: { readonly usedMs: number; readonly at: number } | undefined;
}

/** Work that waits wakes up now and then; so little of a processor counts as none. */
const idleShare = 0.002;
/** Attempts that are looked at in one turn of the event loop. */
const atOnce = 100;

export function createStalls(engine: Engine): Stalls {
  const { alarms, attempts, clock, events, options } = engine;
  const { stall } = options;
  if (stall === false) return { started() {} };
  const { afterMs, notify } = stall;
  const sightings = new WeakMap<Attempt, Sighting>();
  let looking = false;

  function started(): void {
    if (looking) return;
    looking = true;
    alarms.after(afterMs / 4, () => void look(), false);
  }

  async function look(): Promise<void> {
    for (const [index, attempt] of attempts.all().entries()) {
      if (index % atOnce === atOnce - 1) await new Promise<void>(clock.immediate);
      const atWork = !attempt.concluded && attempt.waitsFor === undefined;
      if (atWork && isQuiet(attempt)) void examine(attempt);
    }
    looking = false;
    if (attempts.size > 0 && !engine.closing) started();
  }

  function isQuiet(attempt: Attempt): boolean {
    // What it waits for is known, and is not its own.
    if (attempt.waitsFor !== undefined) {
      sightings.delete(attempt);
      return false;
    }
    const signs = attempt.signs();
    if (sightings.get(attempt)?.signs === signs) return true;
    const since = clock.monotonic();
    sightings.set(attempt, { signs, since, told: false, probing: false, cpu: undefined });
    return false;
  }

  /** Not waited for: a probe that hangs must not hide the stalls of others. */
  async function examine(attempt: Attempt): Promise<void> {
    const sighting = sightings.get(attempt) as Sighting;
    if (sighting.probing) return;
    sighting.probing = true;
    const activity = await probe(attempt);
    sighting.probing = false;
    const now = clock.monotonic();
    if (hasComputed(sighting, activity, now)) {
      sighting.since = now;
      sighting.told = false;
    }
    const quietMs = now - sighting.since;
    if (quietMs < afterMs || sighting.told || attempt.concluded) return;
    sighting.told = true;
    tell(attempt, quietMs, activity?.waitsForInput === true);
  }

  async function probe(attempt: Attempt): Promise<Activity | undefined> {
    try {
      return await attempt.probe?.();
    } catch (error) {
      events.emit({ type: "listener-error", error });
      return undefined;
    }
  }

  function tell(attempt: Attempt, quietMs: number, waitsForInput: boolean): void {
    events.emit({ type: "task-stall", ...aboutTask(attempt.record), quietMs, waitsForInput });
    if (!notify) return;
    const quiet = `No output and no progress for ${renderDuration(quietMs)}.`;
    const text = waitsForInput ? `${quiet} Waits for input: send it with send_to_task.` : quiet;
    notifyAbout(attempt, "message", text).catch((error: unknown) => {
      if (!attempt.concluded) events.emit({ type: "store-error", error });
    });
  }

  return { started };
}

/** Whether it used the processor since it was last asked, and keeps what it has used by now. */
function hasComputed(sighting: Sighting, activity: Activity | undefined, now: number): boolean {
  const before = sighting.cpu;
  const usedMs = activity?.cpuMs;
  sighting.cpu = usedMs === undefined ? undefined : { usedMs, at: now };
  if (usedMs === undefined || before === undefined) return false;
  // Also less than before: then processes have come and gone.
  return Math.abs(usedMs - before.usedMs) > idleShare * (now - before.at);
}
