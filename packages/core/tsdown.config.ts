import { defineConfig } from "tsdown";
import { shared } from "../../tsdown.shared.ts";

export default defineConfig({
  ...shared,
  entry: {
    index: "src/index.ts",
    adapters: "src/adapters/index.ts",
    sqlite: "src/sqlite.ts",
    "sqlite-worker": "src/store/sqlite/worker.ts",
    testing: "src/testing/index.ts",
  },
});
