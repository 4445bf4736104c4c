import type { IsInside, Kind } from "./kind.ts";
import { createKind } from "./kind.ts";
import { show } from "./show.ts";
import { unknownKey } from "./unknown-key.ts";

export interface Positionals {
  /** How they may look: `TEXT [PATH...]`. */
  readonly form: string;
  /** Why the text may not be the one at this index: the end of a sentence. */
  refuse(text: string, index: number, isInside: IsInside): string | undefined;
  /** Why that many do not suffice. */
  refuseCount(count: number): string | undefined;
}

/** Gives what is wrong, as the end of a sentence, when the description makes no sense. */
export function createPositionals(options: unknown): Positionals | string {
  if (options === undefined) return none;
  if (typeof options !== "object" || options === null) return "positionals must be an object";
  const {
    first = [],
    kind,
    min = 0,
    max = Number.POSITIVE_INFINITY,
  } = options as {
    readonly [key: string]: unknown;
  };
  const extra = unknownKey(options, ["first", "kind", "min", "max"]);
  if (extra !== undefined) return `positionals has an unknown field ${show(extra)}`;
  const others = createKind(kind);
  if (others === undefined) return "positionals has a kind that there is not";
  const firsts = Array.isArray(first) ? first.map(createKind) : [undefined];
  if (!firsts.every((each) => each !== undefined)) {
    return "positionals.first must be a list of kinds";
  }
  if (!isCount(min) || !isCount(max) || min > max) {
    return "positionals needs whole numbers min <= max";
  }
  return {
    form: describe(firsts, others, min, max),
    refuse(text, index, isInside) {
      if (index >= max) return `${show(text)} is one argument too many`;
      return (firsts[index] ?? others).refuse(text, isInside);
    },
    refuseCount: (count) => (count < min ? "an argument is missing" : undefined),
  };
}

const none: Positionals = {
  form: "",
  refuse: (text) => `the argument ${show(text)} is not allowed`,
  refuseCount: () => undefined,
};

function isCount(value: unknown): value is number {
  return (
    value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && (value as number) >= 0)
  );
}

function describe(firsts: readonly Kind[], others: Kind, min: number, max: number): string {
  const shown = Math.min(Math.max(min, firsts.length), max);
  const parts = Array.from({ length: shown }, (_, index) => {
    const { name } = firsts[index] ?? others;
    return index < min ? name : `[${name}]`;
  });
  if (max > shown) parts.push(`[${others.name}${max - shown > 1 ? "..." : ""}]`);
  return parts.join(" ");
}
