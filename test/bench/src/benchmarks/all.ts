import type { Benchmark } from "../harness/benchmark.ts";

/** Every benchmark by its name on the command line, loaded when it is wanted. */
export const benchmarks: Readonly<Record<string, () => Promise<{ benchmark: Benchmark }>>> = {
  "in-memory": () => import("./in-memory.ts"),
  "queued-memory": () => import("./queued-memory.ts"),
  durable: () => import("./durable.ts"),
  accept: () => import("./accept.ts"),
  offered: () => import("./offered.ts"),
  processes: () => import("./processes.ts"),
  capture: () => import("./capture.ts"),
  printing: () => import("./printing.ts"),
  thousand: () => import("./thousand.ts"),
  telling: () => import("./telling.ts"),
  "other-process": () => import("./other-process.ts"),
  "empty-drain": () => import("./empty-drain.ts"),
  growth: () => import("./growth.ts"),
  opening: () => import("./opening.ts"),
  import: () => import("./import.ts"),
  agent: () => import("./agent.ts"),
  "first-token": () => import("./first-token.ts"),
  "ai-sdk-agent": () => import("./ai-sdk-agent.ts"),
  push: () => import("./push.ts"),
  schemas: () => import("./schemas.ts"),
};
