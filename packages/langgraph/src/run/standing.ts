import { Command } from "@langchain/langgraph";
import { hasOpenCalls } from "../thread/open-calls.ts";
import { isPark } from "./parked.ts";
import type { SavedState } from "./saved-state.ts";
import type { ThreadGraph } from "./thread-graph.ts";

/**
 * How a thread stands between two runs. `done`: its last run came to an end. `parked`: it waits for
 * its tasks. `unfinished`: its last run failed, was aborted, or died with its process.
 * `waiting-for-human`: an interrupt that is not ours, or a breakpoint.
 * `waiting-for-tool-results`: it came to an end with tool calls that nobody has answered.
 */
export type Standing =
  | "done"
  | "parked"
  | "unfinished"
  | "waiting-for-human"
  | "waiting-for-tool-results";

export function standingOf(graph: ThreadGraph, { values, tasks }: SavedState): Standing {
  const interrupts = tasks.flatMap((task) => task.interrupts);
  if (!interrupts.every(isPark)) return "waiting-for-human";
  if (tasks.length === 0)
    return hasOpenCalls(values.messages ?? []) ? "waiting-for-tool-results" : "done";
  if (interrupts.length > 0) return "parked";
  const hasFailed = tasks.some((task) => task.error !== undefined);
  return !hasFailed &&
    isBreakpoint(
      graph,
      tasks.map(({ name }) => name),
    )
    ? "waiting-for-human"
    : "unfinished";
}

/**
 * Whether the graph stops here by its own definition. It leaves no other trace than where it
 * stopped, so a run that died in front of such a node is left to the person as well.
 */
function isBreakpoint(
  { interruptBefore, interruptAfter }: ThreadGraph,
  next: readonly string[],
): boolean {
  if (isSet(interruptAfter)) return true;
  if (interruptBefore === "*") return true;
  return next.some((node) => interruptBefore?.includes(node));
}

function isSet(nodes: "*" | readonly string[] | undefined): boolean {
  return nodes !== undefined && nodes.length > 0;
}

/** What takes up a thread that is parked. */
export function resumption({ tasks }: SavedState): Command {
  const ids = tasks.flatMap(({ interrupts }) => interrupts.map(({ id }) => id));
  const known = ids.filter((id) => id !== undefined);
  const resume =
    known.length < ids.length ? true : Object.fromEntries(known.map((id) => [id, true]));
  return new Command({ resume });
}
