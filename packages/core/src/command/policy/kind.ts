import { show } from "./show.ts";
import { unknownKey } from "./unknown-key.ts";

/** Whether a path, as it stands in an argument, stays in the workspace. */
export type IsInside = (path: string) => boolean;

/** An `ArgumentKind` that was understood. */
export interface Kind {
  /** How it is shown in a command's form: `PATH`, `always|never`. */
  readonly name: string;
  /** Whether a value that begins with `-` was meant, not only not excluded. */
  readonly mayBeginWithDash: boolean;
  /** Why a text is not of this kind: the end of a sentence. Undefined when it is. */
  refuse(text: string, isInside: IsInside): string | undefined;
}

/** Undefined when there is no such kind. */
export function createKind(kind: unknown): Kind | undefined {
  if (kind === "text") return text;
  if (kind === "number") return number;
  if (kind === "path") return path;
  if (kind instanceof RegExp) return pattern(kind);
  if (Array.isArray(kind) && kind.length > 0 && kind.every((each) => typeof each === "string")) {
    return oneOf(kind);
  }
  if (typeof kind === "object" && kind !== null && "path" in kind) return pathLike(kind);
  return undefined;
}

const text: Kind = { name: "TEXT", mayBeginWithDash: false, refuse: () => undefined };

const number: Kind = {
  name: "NUMBER",
  mayBeginWithDash: false,
  refuse: (value) =>
    /^[0-9]{1,15}$/.test(value) ? undefined : `${show(value)} is not a whole number`,
};

const path: Kind = {
  name: "PATH",
  mayBeginWithDash: false,
  refuse(value, isInside) {
    if (value === "") return "a path is empty";
    // Some programs read a file of arguments (@) or a command (+) here.
    if (/^[@+]/.test(value)) return `${show(value)} may be more than a path: write ./ before it`;
    if (isInside(value)) return undefined;
    return `the path ${show(value)} is outside the workspace or cannot be followed`;
  },
};

function pattern(expression: RegExp): Kind {
  const flags = expression.flags.replace(/[gmy]/g, "");
  const whole = new RegExp(`^(?:${expression.source})$`, flags);
  return {
    name: String(expression),
    mayBeginWithDash: true,
    refuse: (value) => (whole.test(value) ? undefined : `${show(value)} is not ${expression}`),
  };
}

function pathLike(kind: object & { readonly path: unknown }): Kind | undefined {
  if (!(kind.path instanceof RegExp) || unknownKey(kind, ["path"]) !== undefined) return undefined;
  const shape = pattern(kind.path);
  return {
    name: `PATH like ${shape.name}`,
    mayBeginWithDash: false,
    refuse: (value, isInside) => shape.refuse(value, isInside) ?? path.refuse(value, isInside),
  };
}

function oneOf(values: readonly string[]): Kind {
  const known = new Set(values);
  const name = [...known].join("|");
  return {
    name,
    mayBeginWithDash: true,
    refuse: (value) => (known.has(value) ? undefined : `${show(value)} is none of ${name}`),
  };
}
