import { expect, it, vi } from "vitest";
import type { Containment } from "../../src/index.ts";
import { fastClock } from "../command/fake-task.ts";
import { openAttacked } from "./attacked.ts";
import { watched } from "./watched.ts";

interface Refusal {
  readonly script: string;
  /** How many processes it comes to, so that nothing is ended before all are there. */
  readonly processes: number;
}

/** What a program may do lest it be ended. All keep the environment that they were given. */
const refusals: Readonly<Record<string, Refusal>> = {
  "stops itself": { script: "kill -STOP $$", processes: 1 },
  "stops itself and its child": { script: "sleep 600 & kill -STOP $! $$", processes: 2 },
  "ignores TERM": { script: "trap '' TERM; sleep 600; sleep 600", processes: 2 },
  "ignores every signal that can be ignored": {
    script: "trap '' HUP INT QUIT PIPE ALRM TERM USR1 USR2 TSTP TTIN TTOU; sleep 600; sleep 600",
    processes: 2,
  },
  "stops itself and ignores TERM": { script: "trap '' TERM; kill -STOP $$", processes: 1 },
  "begins anew at TERM": {
    script:
      "trap 'setsid sh -c \"trap : TERM; while :; do sleep 600; done\" &' TERM; while :; do sleep 600; done",
    processes: 2,
  },
  "daemonises twice": {
    script: "setsid sh -c 'setsid sh -c \"sleep 600; :\" &' & sleep 600",
    processes: 3,
  },
  "daemonises twice, with all files closed and its parents gone": {
    script:
      "(setsid sh -c '(setsid sh -c \"exec <&- >&- 2>&-; cd /; sleep 600; :\" &)' </dev/null >/dev/null 2>&1 &); sleep 600",
    processes: 3,
  },
  "daemonises twice and ignores TERM": {
    script:
      "trap '' TERM; (setsid sh -c '(setsid sh -c \"exec <&- >&- 2>&-; sleep 600; :\" &)' &); sleep 600; :",
    processes: 4,
  },
};

const processes = Object.values(refusals).reduce((sum, refusal) => sum + refusal.processes, 0);

/** Tests that nothing of such programs is left after a cancel and after a timeout, all at once. */
export function testRefusals(containment: (how: Containment | null) => boolean): void {
  it.each(["cancel", "timeout"])("are ended by a %s, and nothing is left", async (how) => {
    const limits = { concurrency: 20, perSession: { concurrency: 20 } };
    // Five times as fast: the grace takes a second.
    await using attacked = await openAttacked({ clock: fastClock(5), limits, leaseMs: 600_000 });
    // Of the fast clock, and long enough for all processes to come.
    const timeoutMs = how === "timeout" ? 15_000 : 3_600_000;
    await watched(`${processes} processes that refuse to end, ${how}`, async () => {
      const tasks = await Promise.all(
        Object.values(refusals).map(({ script }) => attacked.start(script, { timeoutMs })),
      );
      const count = async (): Promise<number> => (await attacked.commands.survivors()).length;
      await vi.waitUntil(async () => (await count()) >= processes, { timeout: 20_000 });
      await Promise.all(
        tasks.map(async (task) => {
          expect(containment((await task.snapshot()).containment)).toBe(true);
          if (how === "cancel") expect(await task.cancel("enough")).toBe(true);
          const code = how === "cancel" ? "CANCELLED" : "TIMEOUT";
          await expect(task.result()).rejects.toMatchObject({ code });
        }),
      );
      // On a busy machine a task may be settled, after its time, before its last process is.
      await attacked.commands.allGone();
    });
  });
}
