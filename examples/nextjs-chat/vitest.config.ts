import { defineConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

// Each file has a server and a browser, and several visitors at a time.
const test = {
  ...shared.test,
  fileParallelism: false,
  maxConcurrency: 3,
  testTimeout: 180_000,
  hookTimeout: 120_000,
};

export default defineConfig({ ...shared, test });
