import { resolve } from "node:path";
import { type CommandPolicy, commandPolicy, readOnly } from "@meanwhile/core";
import { approve } from "./approvals.ts";

/** What the agent may run in `workspace`, and what it may run if the user says so. */
export const commands: CommandPolicy = commandPolicy({
  root: resolve("workspace"),
  commands: {
    ...readOnly,
    node: [
      { arguments: { prefix: ["check.mjs"], flags: { "--seconds": "number" } } },
      { decision: "ask", arguments: [["deploy.mjs"]] },
    ],
  },
  approve,
  limits: { timeMs: 10 * 60_000, outputBytes: 1024 * 1024 },
});
