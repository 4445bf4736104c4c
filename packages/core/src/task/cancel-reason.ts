import { MeanwhileError } from "../errors.ts";

/** The reason that a cancelled task carries. */
export function cancelReason(reason: string): MeanwhileError {
  return new MeanwhileError("CANCELLED", reason === "" ? "Cancelled." : reason);
}
