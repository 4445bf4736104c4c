import { ReducedValue, StateSchema } from "@langchain/langgraph";
import { meanwhileState } from "@meanwhile/langgraph";
import { z } from "zod/v4";
import type { Remembered } from "./history.ts";

const ids = z.array(z.string()).default(() => []);

/** Private channels of a thread. Agents can only read schemas of zod in a middleware's state. */
export const threadChannels: StateSchema<{
  /** Ids of the notifications that the thread was told. */
  readonly _meanwhile: ReducedValue<string[], string[]>;
  /** What the history said when it was last looked at. */
  readonly _meanwhileHistory: z.ZodOptional<z.ZodType<Remembered>>;
}> = new StateSchema({
  _meanwhile: new ReducedValue<string[], string[]>(ids, {
    inputSchema: ids,
    reducer: meanwhileState._meanwhile.reducer,
  }),
  _meanwhileHistory: z.custom<Remembered>().optional(),
});
