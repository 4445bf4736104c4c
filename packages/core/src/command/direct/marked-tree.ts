import type { Clock } from "../../clock/clock.ts";
import { endTree } from "../end/end-tree.ts";
import { findTree } from "../end/find-tree.ts";
import { leftoverGraceMs } from "../end/left-running.ts";
import { groupExists, readProcess } from "../end/processes.ts";
import type { Child } from "./start-child.ts";
import type { ProcessTree } from "./tree.ts";

/** A tree whose processes are found by their marker in `/proc`. */
export function markedTree(child: Child, marker: string, clock: Clock): ProcessTree {
  return {
    containment: "process-group-sweep",
    async end(graceMs) {
      // Until its end is known to us the id is the child's own.
      const first = child.exit() === undefined ? await readProcess(child.pid) : undefined;
      await endTree({ marker, clock, graceMs, first });
    },
    async left({ held, end }) {
      // To look through all processes takes as long as many a command.
      if (!held && !groupExists(child.pid)) return 0;
      const count = (await findTree(marker)).length;
      if (count > 0 && end) await endTree({ marker, clock, graceMs: leftoverGraceMs });
      return count;
    },
  };
}
