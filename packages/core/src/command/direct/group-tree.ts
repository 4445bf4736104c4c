import type { Clock } from "../../clock/clock.ts";
import { endGroup } from "../end/end-tree.ts";
import { leftoverGraceMs } from "../end/left-running.ts";
import { groupExists } from "../end/processes.ts";
import type { Child } from "./start-child.ts";
import type { ProcessTree } from "./tree.ts";

/** A tree that is a process group; where nothing tells its members apart, they count as one. */
export function groupTree(child: Child, clock: Clock): ProcessTree {
  return {
    containment: "process-group",
    async end(graceMs) {
      await endGroup(child.pid, { clock, graceMs });
    },
    async left({ end }) {
      if (!groupExists(child.pid)) return 0;
      if (end) await endGroup(child.pid, { clock, graceMs: leftoverGraceMs });
      return 1;
    },
  };
}
