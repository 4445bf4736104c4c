/**
 * Whether the system was out of descriptors, processes or memory: it says nothing about what was
 * asked for, and the same may succeed a moment later.
 */
export function isExhaustion(error: unknown): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, cause } = error as { readonly code?: unknown; readonly cause?: unknown };
  return (typeof code === "string" && codes.has(code)) || isExhaustion(cause);
}

const codes: ReadonlySet<string> = new Set(["EMFILE", "ENFILE", "EAGAIN", "ENOMEM"]);
