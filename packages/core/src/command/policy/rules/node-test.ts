import type { CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

/** Node follows no links by wildcards, but braces and brackets can spell `..`. */
const pattern = /[^{}[\]()!\\]+/;

/**
 * `node --test`, with files, folders or patterns such as `src/**\/*.test.js` below the root. It runs whatever the workspace's tests say, so who can write them can run
 * anything: use it where that is meant, with a sandbox. The flags only choose tests and how they are
 * shown; none loads code (`--require`, `--import`, `--eval`, `--env-file`), writes or watches.
 */
export const nodeTest: CommandRule = {
  arguments: {
    prefix: ["--test"],
    flags: {
      ...plain("--test-only --test-force-exit --experimental-test-coverage"),
      ...{ "--test-name-pattern": "text", "--test-skip-pattern": "text" },
      ...{ "--test-concurrency": "number", "--test-timeout": "number" },
      "--test-reporter": ["spec", "tap", "dot", "junit", "lcov"],
      "--test-shard": /\d+\/\d+/,
    },
    positionals: { kind: { path: pattern } },
  },
};
