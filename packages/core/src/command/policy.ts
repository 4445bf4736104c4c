/** What a caller asks to run. */
export interface CommandRequest {
  /** Program and arguments; no shell looks at them. */
  readonly argv: readonly string[];
  /** Working directory, relative to the policy's root. */
  readonly cwd?: string;
  /** Variables on top of the policy's own. */
  readonly env?: Readonly<Record<string, string>>;
  /** The id of the session that asks. */
  readonly session: string;
}

/** What exactly will run. Frozen; what was checked is what is executed. */
export interface CommandGrant {
  /** Absolute path of the executable. Its folder has no links; its last part may be one, for programs
   * that act by the name under which they are run. */
  readonly executable: string;
  /** What the program is given, its name first. */
  readonly argv: readonly string[];
  /** Real path of the working directory. */
  readonly cwd: string;
  /** The whole environment of the command; nothing else is inherited. */
  readonly env: Readonly<Record<string, string>>;
}

/** What a policy says to a request. */
export type CommandDecision =
  | { readonly allowed: true; readonly grant: CommandGrant }
  /** `reason` is a sentence that a model can act on. */
  | { readonly allowed: false; readonly reason: string };

/** Decides what may run at all. Asked at admission and again right before the start. */
export interface CommandPolicy {
  /** May throw a `MeanwhileError`; `start` is refused with it. */
  decide(request: CommandRequest): CommandDecision | Promise<CommandDecision>;
}
