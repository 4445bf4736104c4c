/** What a value is, of a flag or a positional argument. */
export type ArgumentKind =
  /** Any text. */
  | "text"
  /** A whole number of at least 0, in decimal digits. */
  | "number"
  /** A path below the policy's root, links followed; it need not exist. */
  | "path"
  /** One of these, exactly. */
  | readonly string[];

/** How a program's flags and positional arguments may look; whatever is not described is refused. */
export interface ArgumentGrammar {
  /**
   * The flags, in exact spelling, with the kind of their value: `{ "-l": "none", "--depth":
   * "number" }`. Values may follow as the next argument, after `=` for long flags, and directly
   * for short ones. Abbreviations are refused. @default none
   */
  readonly flags?: Readonly<Record<string, "none" | ArgumentKind>>;
  /** Whether short flags without a value may be joined, as in `-la`. @default false */
  readonly bundling?: boolean;
  /** What comes first, exactly, such as a subcommand: `["status"]`. @default nothing */
  readonly prefix?: readonly string[];
  /** What the positional arguments are, and how many there may be. @default none are allowed */
  readonly positionals?: {
    readonly kind: ArgumentKind;
    /** @default 0 */
    readonly min?: number;
    /** @default no limit */
    readonly max?: number;
  };
  /** Arguments that are put in before the others, to close traps. @default none */
  readonly insert?: readonly string[];
}

/** What a program may be given. */
export interface CommandRule {
  /** `"ask"`: only if the policy's `approve` says yes. @default "allow" */
  readonly decision?: "allow" | "ask";
  /**
   * The exact argument lists that are allowed, `[]` for none at all; or a grammar. Or `"any"`,
   * which trusts the program wholly: whatever it can be told to do, it may be told to do. Many
   * harmless looking programs run others (`find -exec`, `tar --to-command`), write files
   * (`sort -o`) or read every file of the user. `"any"` is refused for shells, interpreters, git,
   * package runners and programs that exist to run others, unless the decision is `"ask"`.
   */
  readonly arguments: readonly (readonly string[])[] | ArgumentGrammar | "any";
}
