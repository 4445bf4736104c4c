import { defineTask, type TaskDefinition } from "@meanwhile/core";

interface Input {
  readonly number: number;
}

/** A task that survives a restart and does nothing: what it costs is what everything around costs. */
export const noOp: TaskDefinition<Input, number, Input> = defineTask<number, Input>({
  name: "no_op",
  description: "Does nothing.",
  input: { type: "object", properties: { number: { type: "integer" } }, required: ["number"] },
  run: async ({ number }) => number,
});
