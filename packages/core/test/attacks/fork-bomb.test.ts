import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CommandOutput } from "../../src/index.ts";
import { cgroups } from "../command/end/contained.ts";
import { fastClock } from "../command/fake-task.ts";
import { type Attacked, endOf, openAttacked, untilEnds } from "./attacked.ts";
import { watched } from "./watched.ts";

const most = 30;

/** In Perl, since a shell ends when it cannot fork. The first process goes on, so that the task does. */
const bombs = {
  "a fork bomb": "fork while 1",
  "a fork bomb that ignores TERM": "$SIG{TERM} = 'IGNORE'; fork while 1",
  "a fork bomb whose processes hop from session to session":
    "if (fork) { sleep 600 while 1 } while (1) { if (fork) { exit if rand() < .3 } else { setsid() } }",
};

/** All processes of the user count where no control group counts them, and root's not at all. */
const possible =
  existsSync("/usr/bin/perl") && (cgroups?.pids !== undefined || process.getuid?.() !== 0);

describe.skipIf(!possible).each(Object.entries(bombs))(
  "%s under limits.processes",
  (name, bomb) => {
    it("stays below the limit, lets others run, and is gone after a cancel", async () => {
      const limits = { processes: most };
      // Five times as fast: the grace of a cancel takes a second.
      await using attacked = await openAttacked({ clock: fastClock(5), grant: { limits } });
      const attack = async (): Promise<void> => {
        const task = await attacked.start(
          `echo up; exec perl -MPOSIX=setsid -e "${bomb.replaceAll("$", "\\$")}"`,
        );
        await untilEnds(task, "up\n");
        expect(await mostProcesses(attacked, 500)).toBeLessThanOrEqual(most);
        for (let index = 0; index < 3; index += 1) {
          const other = (await endOf(await attacked.start("echo calm"))) as CommandOutput;
          expect(other).toMatchObject({ exitCode: 0, outputBytes: 5 });
        }
        expect(await mostProcesses(attacked, 200)).toBeLessThanOrEqual(most);
        expect(await task.cancel()).toBe(true);
        await attacked.commands.allGone();
      };
      // Where each session has its share of the processor (sched(7), autogroup), the manager has one
      // of thirty: it waits for its turn, however little it does.
      await watched(name, attack, { delayMs: name.includes("session") ? 5_000 : 500 });
    });
  },
);

/** The most processes of its commands that were seen at once; waits until the bomb has gone off. */
async function mostProcesses({ commands }: Attacked, duringMs: number): Promise<number> {
  let found = 0;
  const until = performance.now() + duringMs;
  while (performance.now() < until || found <= 5) {
    found = Math.max(found, (await commands.survivors()).length);
  }
  return found;
}
