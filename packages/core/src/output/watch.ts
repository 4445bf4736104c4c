import type { Engine } from "../manager/engine.ts";
import type { Attempt } from "../task/attempt.ts";
import { notifyAbout } from "../task/notify.ts";
import type { Pattern } from "./pattern/pattern.ts";

const lookEveryMs = 250;
const bytesEachLook = 262_144;
const linesEachTime = 10;
const longestLine = 500;
/** Between two notifications of one watch, and how many it may make before it ends. */
const quietMs = 5_000;
const mostNotifications = 20;

/**
 * Owes the session a notification of kind `match` when lines of the output match: the lines of a
 * few seconds together, and a limited number of times, so that a chatty task floods nobody. Ends
 * with the attempt.
 */
export function watchOutput(engine: Engine, attempt: Attempt, pattern: Pattern): void {
  let after = 0;
  let rest = "";
  let found: string[] = [];
  let unshown = 0;
  let notifications = 0;
  let quietUntil = 0;

  function again(): void {
    if (notifications < mostNotifications)
      engine.alarms.after(lookEveryMs, () => void look(), false);
  }

  async function look(): Promise<void> {
    try {
      const last = attempt.concluded;
      const chunk = await attempt.output.read({ after, maxBytes: bytesEachLook });
      const advanced = chunk.next > after;
      after = chunk.next;
      const lines = (rest + chunk.text).split("\n");
      rest = (lines.pop() ?? "").slice(0, longestLine);
      for (const line of lines) {
        const cut = line.slice(0, longestLine);
        if (!pattern.test(cut)) continue;
        if (found.length < linesEachTime) found.push(cut);
        else unshown += 1;
      }
      if (last) return;
      if (found.length > 0 && engine.clock.monotonic() >= quietUntil) await tell();
      if (advanced && chunk.text.length >= bytesEachLook / 2)
        engine.alarms.after(0, () => void look(), false);
      else again();
    } catch (error) {
      if (!attempt.concluded) engine.events.emit({ type: "store-error", error });
    }
  }

  async function tell(): Promise<void> {
    notifications += 1;
    quietUntil = engine.clock.monotonic() + quietMs;
    const more = unshown > 0 ? `\n(${unshown} more matching lines)` : "";
    const last = notifications === mostNotifications ? "\n(the watch ends here)" : "";
    const text = `${found.join("\n")}${more}${last}`;
    found = [];
    unshown = 0;
    await notifyAbout(attempt, "match", text);
  }

  again();
}
