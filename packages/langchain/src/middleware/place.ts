/**
 * Whether a run goes on inside a tool of another agent or graph: then it has that one's thread, but
 * a conversation of its own, which nobody speaks to again.
 */
export function isInsideTool(config: {
  readonly configurable?: Readonly<Record<string, unknown>> | undefined;
}): boolean {
  const namespace = config.configurable?.["checkpoint_ns"];
  if (typeof namespace !== "string") return false;
  return namespace
    .split("|")
    .slice(0, -1)
    .some((part) => part.startsWith("tools:"));
}
