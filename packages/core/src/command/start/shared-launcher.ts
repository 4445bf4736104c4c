import type { Clock } from "../../clock/clock.ts";
import { cgroupProbe } from "../end/cgroup-probe.ts";
import { tidied } from "../tidy-up.ts";
import { createLauncher, type Launcher } from "./launcher.ts";
import { waitingLaunchers } from "./waiting-launchers.ts";

let current: Promise<Launcher> | undefined;
let holders = 0;
const others = waitingLaunchers();

/**
 * What starts the commands of all managers of this process: a launcher that is free to wait for the
 * command, or the one that waits for none.
 *
 * Throws `SPAWN` when none can be started.
 */
export async function sharedLauncher(): Promise<Pick<Launcher, "start">> {
  const first = await firstLauncher();
  return {
    start(launch, ring) {
      const free = others.free();
      return free === undefined ? first.start(launch, ring) : free.start(launch, ring, true);
    },
  };
}

/** The one that waits for no command: the living one, or a new one. */
async function firstLauncher(): Promise<Launcher> {
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
 * Begins a launcher, and finds out about control groups, now, while this process is small. All
 * launchers end when nobody holds them any more.
 */
export function holdLauncher(clock: Clock): AsyncDisposable {
  holders += 1;
  let held = true;
  // Whoever starts a command tries again, and hears why it fails.
  firstLauncher().catch(() => {});
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
      await Promise.all([launcher?.end(clock), others.end(clock)]);
    },
  };
}
