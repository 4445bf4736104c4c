/** What may stand between two commands. */
export type Operator = "&&" | "||" | ";" | "|";

/** Commands of literal words: nothing in them is left for a shell to expand. */
export interface WordsLine {
  /** Each a program and its arguments. At least one. */
  readonly commands: readonly (readonly string[])[];
  /** One fewer than commands. */
  readonly operators: readonly Operator[];
}
