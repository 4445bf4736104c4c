import { type CommandPolicy, command, type Session } from "@meanwhile/core";
import { openManager } from "./open-manager.ts";

/** Runs exactly these argument lists, without a word of what a policy would cost. */
function allowed(executable: string, folder: string): CommandPolicy {
  const env = { PATH: "/usr/bin:/bin" };
  return {
    decide: ({ argv = [] }) => ({
      decision: "allow",
      grant: { executable, argv, cwd: folder, env },
    }),
  };
}

/** A session whose manager runs `sh` with any arguments, in memory, so that no disk is measured. */
export async function shellSession(
  folder: string,
  atATime: number,
  outputBytes: number,
): Promise<Session> {
  const commands = allowed("/bin/sh", folder);
  return (await openManager(folder, atATime, { commands, tasks: [command], outputBytes })).session(
    "bench",
  );
}
