import type { Containment } from "../../store/store.ts";

/** A command that is to run in a sandbox. */
export interface SandboxCommand {
  readonly executable: string;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

/** What is started in its place. */
export interface SandboxedCommand extends SandboxCommand {
  /** How surely its processes can be ended, where the sandbox knows it. */
  readonly containment?: Containment;
  /** Gives up what the sandbox keeps for this command; for who started it, once it has ended. */
  readonly ended?: () => void;
}

/** Confines what a running command can reach. */
export interface Sandbox {
  /** Shown in errors and in what a person approves. */
  readonly name: string;
  /**
   * Gives the command that runs the given one inside the sandbox. Before the first one it proves,
   * by running a command in it, that the sandbox works and holds.
   *
   * The command's exit code is reported as it is. Its death by signal n may be reported as exit
   * code 128 + n, which is all that bubblewrap says of it.
   *
   * @throws MeanwhileError `SANDBOX` when it does not; nothing has run outside then
   */
  wrap(command: SandboxCommand): Promise<SandboxedCommand>;
}
