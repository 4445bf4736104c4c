import type { UserConfig } from "tsdown";

/** What the tsdown.config.ts of each package shares. */
export const shared = {
  format: "esm",
  platform: "node",
  target: "node22.13",
  dts: { sourcemap: true },
  sourcemap: true,
  fixedExtension: false,
  publint: { level: "error", strict: true },
  attw: { profile: "esm-only", level: "error" },
} satisfies UserConfig;
