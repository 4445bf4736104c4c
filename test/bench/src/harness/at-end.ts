const endings = new Set<() => void>();

/** Calls `end` when the returned function is called or, if that does not happen, when the process ends. */
export function atEnd(end: () => void): () => void {
  endings.add(end);
  return () => {
    endings.delete(end);
    end();
  };
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => process.exit(1));
}
process.on("exit", () => {
  // The last begun first: a child before the folder that it writes to.
  for (const end of [...endings].reverse()) end();
});
