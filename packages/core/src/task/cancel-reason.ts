import { MeanwhileError } from "../errors.ts";

const longestReason = 4_000;

/** The reason that a cancelled task carries. */
export function cancelReason(reason: string): MeanwhileError {
  const short = reason.length > longestReason ? `${reason.slice(0, longestReason)}…` : reason;
  return new MeanwhileError("CANCELLED", short === "" ? "Cancelled." : short);
}
