import { defineConfig } from "vitest/config";
import shared from "../../vitest.shared.ts";

// Its tests mostly wait for programs that wait, so some can run at once.
export default defineConfig({ ...shared, test: { ...shared.test, maxConcurrency: 3 } });
