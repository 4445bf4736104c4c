/** What a value is, of a flag or a positional argument. */
export type ArgumentKind =
  /** Any text. */
  | "text"
  /** A whole number of at least 0, in decimal digits. */
  | "number"
  /** A path below the policy's root, links followed; it need not exist. */
  | "path"
  /** One of these, exactly. */
  | readonly string[]
  /** What matches as a whole, as `/\d+,\d+p/` does with `1,5p`. */
  | RegExp
  /** Both a path as above, and what matches as a whole: `{ path: /.*\.tar/ }`. */
  | { readonly path: RegExp };

/** The arguments that are not flags, by their order. */
export interface PositionalGrammar {
  /**
   * What the first ones are, if they differ from the others: `["text"]` for a pattern that comes
   * before paths. A flag that takes the place of one, as `grep -e` does, needs a rule of its own.
   * @default the same as the others
   */
  readonly first?: readonly ArgumentKind[];
  /** What the others are. */
  readonly kind: ArgumentKind;
  /** How many there must be, the first ones counted. @default 0 */
  readonly min?: number;
  /** How many there may be, the first ones counted. @default no limit */
  readonly max?: number;
}

/**
 * How a program's flags and positional arguments may look; whatever is not described is refused.
 * It has to describe how the program itself parses: what is checked as a text must not be taken as
 * a flag. Where programs differ, the stricter reading is the default.
 */
export interface ArgumentGrammar {
  /** What comes first, exactly, such as a subcommand: `["status"]`. @default nothing */
  readonly prefix?: readonly string[];
  /**
   * The flags, in exact spelling, with the kind of their value: `{ "-l": "none", "--depth":
   * "number" }`. A value follows as the next argument, after `=` (`--depth=2`, two dashes only), or
   * directly (`-n5`, one dash and one letter only, and only if no flag has one dash and several
   * letters). The value of a flag whose value is optional is part of its spelling:
   * `{ "--color": "none", "--color=always": "none" }`. Abbreviations are refused. @default none
   */
  readonly flags?: Readonly<Record<string, "none" | ArgumentKind>>;
  /** Whether flags of one letter without a value may be joined, as in `-la`. @default false */
  readonly bundling?: boolean;
  /**
   * Where flags may be. `"first"`: before the positional arguments, which every program
   * understands alike. `"last"`: after them, as for `find`. `"anywhere"`: only for programs that
   * look for flags among positional arguments too, as GNU's do. @default "first"
   */
  readonly order?: "first" | "last" | "anywhere";
  /**
   * Whether the program takes `--` as the end of its flags; only after it may a positional argument
   * begin with `-`. `echo` and `find` do not. @default true, but false with order "last"
   */
  readonly separator?: boolean;
  /** What the positional arguments are, and how many there may be. @default none are allowed */
  readonly positionals?: PositionalGrammar;
  /** Arguments that are put in, before and after the prefix, to close traps. @default none */
  readonly insert?: { readonly before?: readonly string[]; readonly after?: readonly string[] };
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
