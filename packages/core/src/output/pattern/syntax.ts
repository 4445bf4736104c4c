import type { CharacterSet } from "./character-set.ts";

/** A place between two characters. */
export type Assertion = "start" | "end" | "boundary" | "not-boundary";

/** A regular expression as a tree. */
export type Syntax =
  | { readonly type: "set"; readonly set: CharacterSet }
  | { readonly type: "assertion"; readonly assertion: Assertion }
  | { readonly type: "sequence"; readonly parts: readonly Syntax[] }
  | { readonly type: "choice"; readonly options: readonly Syntax[] }
  | {
      readonly type: "repeat";
      readonly part: Syntax;
      readonly least: number;
      /** `Infinity` where there is no limit. */
      readonly most: number;
    };
