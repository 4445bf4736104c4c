export interface StopSignal {
  /** Aborts at the first signal; its reason is the signal's name. */
  readonly signal: AbortSignal;
  /** Ends the process by the signal itself, so that the shell sees it: 130 after Ctrl-C. */
  end(): void;
}

const names = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const patienceMs = 1_000;

/** Turns Ctrl-C and its like into an abort, so that there is time to close. */
export function catchSignals(): StopSignal {
  const controller = new AbortController();
  let firstAt = 0;

  function handle(name: NodeJS.Signals): void {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      controller.abort(name);
      // One Ctrl-C comes several times where npm and the like pass it on; a late one is in earnest.
    } else if (performance.now() - firstAt > patienceMs) end();
  }

  function end(): void {
    for (const name of names) process.off(name, handle);
    process.kill(process.pid, controller.signal.reason);
  }

  for (const name of names) process.on(name, handle);
  // Nobody reads what we print any more, as when a terminal is closed.
  process.stdout.on("error", () => controller.abort("SIGHUP"));
  return { signal: controller.signal, end };
}
