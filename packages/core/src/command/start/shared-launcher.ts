import type { Clock } from "../../clock/clock.ts";
import { cgroupProbe } from "../end/cgroup-probe.ts";
import { tidied } from "../tidy-up.ts";
import { createLauncher, type Launcher } from "./launcher.ts";

let current: Promise<Launcher> | undefined;
let holders = 0;

/**
 * The launcher of this process, for all its managers: the living one, or a new one.
 *
 * Throws `SPAWN` when none can be started.
 */
export async function sharedLauncher(): Promise<Launcher> {
  for (;;) {
    current ??= createLauncher();
    const asked = current;
    const launcher = await asked.catch((error: unknown) => {
      if (current === asked) current = undefined;
      throw error;
    });
    if (launcher.isAlive()) return launcher;
    // Another caller may have replaced it meanwhile.
    if (current === asked) current = undefined;
  }
}

/**
 * Begins the launcher, and finds out about control groups, now, while this process is small. The
 * launcher ends when nobody holds it any more.
 */
export function holdLauncher(clock: Clock): AsyncDisposable {
  holders += 1;
  let held = true;
  // Whoever starts a command tries again, and hears why it fails.
  sharedLauncher().catch(() => {});
  cgroupProbe().catch(() => {});
  return {
    async [Symbol.asyncDispose]() {
      if (!held) return;
      held = false;
      holders -= 1;
      await tidied();
      if (holders > 0) return;
      const last = current;
      current = undefined;
      const launcher = await last?.catch(() => undefined);
      await launcher?.end(clock);
    },
  };
}
