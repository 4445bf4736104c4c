import { MeanwhileError } from "../../errors.ts";
import type { CommandCheckpoint } from "../checkpoint.ts";

/** What the next manager says of a command that was started directly by one that is gone. */
export function interruptedDirectly(
  state: NonNullable<CommandCheckpoint["direct"]>,
): MeanwhileError {
  const message =
    state === "ended"
      ? "The command was ended when its manager closed: this system has no POSIX shell, and without one a command cannot go on without its manager. Start it again."
      : "The manager ended while the command ran. This system has no POSIX shell to record how the command ends, so its exit code is not known, and it may still be running. Check what it did before running it again.";
  return new MeanwhileError("INTERRUPTED", message);
}
