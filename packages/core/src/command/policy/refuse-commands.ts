import type { CommandPolicy } from "./policy.ts";

/** The policy of a manager that was given none. */
export const refuseCommands: CommandPolicy = {
  decide: () => ({
    decision: "deny",
    reason:
      "No command is allowed here: no command policy is set. The application has to pass commands: commandPolicy({ … }) to its BackgroundManager.",
  }),
};
