import type { Clock } from "../../clock/clock.ts";
import { createLauncher, type Launcher } from "./launcher.ts";

/** Launchers that each wait for the command that they started. */
export interface WaitingLaunchers {
  /** One that waits for none. Where there is none, another is begun, for later. */
  free(): Launcher | undefined;
  end(clock: Clock): Promise<void>;
}

/** As many as a manager runs commands at once, unless it is told otherwise. */
const most = 8;
/** Bytes of a process that is so large that to begin another would hold it up. */
const largeBytes = 256 * 1024 * 1024;

export function waitingLaunchers(): WaitingLaunchers {
  let launchers: readonly Launcher[] = [];
  let wanted = 0;
  let begun: Promise<void> = Promise.resolve();
  let isBeginning = false;

  async function begin(): Promise<void> {
    isBeginning = true;
    try {
      while (launchers.length < wanted && process.memoryUsage.rss() < largeBytes) {
        launchers = [...launchers, await createLauncher()];
      }
    } catch {
      // Without them commands are started all the same, only with a little more work.
    }
    isBeginning = false;
  }

  return {
    free() {
      launchers = launchers.filter((launcher) => launcher.isAlive());
      const free = launchers.find((launcher) => launcher.isFree());
      if (free !== undefined) return free;
      wanted = Math.min(wanted + 1, most);
      if (!isBeginning) begun = begin();
      return undefined;
    },
    async end(clock) {
      wanted = 0;
      await begun;
      const last = launchers;
      launchers = [];
      await Promise.all(last.map((launcher) => launcher.end(clock)));
    },
  };
}
