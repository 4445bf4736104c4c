import type { Clock } from "../../clock/clock.ts";
import { canIdentifyProcesses } from "../platform.ts";
import { groupTree } from "./group-tree.ts";
import { markedTree } from "./marked-tree.ts";
import type { Child } from "./start-child.ts";
import type { ProcessTree } from "./tree.ts";
import { windowsTree } from "./windows-tree.ts";

/** The tree of a child; `marker` is carried in the environment of each of its processes. */
export function processTree(child: Child, marker: string, clock: Clock): ProcessTree {
  if (process.platform === "win32") return windowsTree(child, clock);
  return canIdentifyProcesses() ? markedTree(child, marker, clock) : groupTree(child, clock);
}
