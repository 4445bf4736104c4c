import { describe, vi } from "vitest";
import { testRefusals } from "./refusing-to-end.ts";

// As on a machine where neither can be had.
vi.mock("../../src/command/end/cgroup-probe.ts", () => ({ cgroupProbe: async () => ({}) }));
vi.mock("../../src/command/end/pid-namespace.ts", () => ({ pidNamespace: async () => undefined }));

describe("programs that refuse to end, in the weakest containment", () => {
  testRefusals((containment) => containment === "process-group-sweep");
});
