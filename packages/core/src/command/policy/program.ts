import { access, constants, realpath, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { checkCommandInput } from "../input.ts";
import type { CommandRule } from "./command-policy.ts";
import { isInside } from "./inside.ts";
import { runsOtherPrograms } from "./powerful-programs.ts";

/** A program that a policy allows. */
export interface Program {
  /** What may be asked for, as a person would type it. */
  readonly forms: readonly string[];
  allows(argumentList: readonly string[]): boolean;
  /** Where it is. Looked up once; later only checked to be the same. */
  resolve(root: string): Promise<ResolvedProgram>;
}

type ResolvedProgram =
  | { readonly allowed: true; readonly path: string }
  | { readonly allowed: false; readonly reason: string };

/** Bare ASCII: no path, no look-alike letters, nothing that looks like a flag. */
const bareName = /^[A-Za-z0-9_][A-Za-z0-9_.+-]*$/;

/** Throws `INVALID_OPTION`. */
export function createProgram(
  name: string,
  rule: CommandRule,
  searchPath: readonly string[],
): Program {
  const lists = checkRule(name, rule);
  const anything = lists === "any";
  let found: Location | undefined;
  return {
    forms: anything
      ? [`${name} with any arguments`]
      : lists.map((list) => [name, ...list.map(quote)].join(" ")),

    allows: (argumentList) => anything || lists.some((list) => isSame(list, argumentList)),

    async resolve(root) {
      found ??= await locate(name, root, searchPath);
      if (found === undefined) {
        return refuse(`${name} is allowed, but not installed in ${searchPath.join(":")}.`);
      }
      const { path, target } = found;
      // A link that was changed since may lead anywhere.
      if ((await realpath(path).catch(() => undefined)) !== target) {
        return refuse(
          `${name} was replaced or removed since it was first run; it is not run again.`,
        );
      }
      if (anything && runsOtherPrograms(basename(target))) {
        return refuse(
          `${name} is ${basename(target)}, which may not be given any arguments at will.`,
        );
      }
      return { allowed: true, path };
    },
  };
}

interface Location {
  readonly path: string;
  /** The file itself, all links followed. */
  readonly target: string;
}

/**
 * The first match on the path that lies outside the workspace, and leads outside it. The folder's
 * links are followed, the program's own are not: busybox, rustup and virtual environments act by
 * the name under which they are run.
 */
async function locate(
  name: string,
  root: string,
  searchPath: readonly string[],
): Promise<Location | undefined> {
  for (const folder of searchPath) {
    try {
      const path = join(await realpath(folder), name);
      const target = await realpath(path);
      if (isInside(root, path) || isInside(root, target)) continue;
      if (!(await stat(target)).isFile()) continue;
      await access(target, constants.X_OK);
      return { path, target };
    } catch {
      // Not here.
    }
  }
  return undefined;
}

function checkRule(name: string, rule: CommandRule): readonly (readonly string[])[] | "any" {
  if (!bareName.test(name)) {
    throw invalid(name, "is not a bare program name: ASCII letters, digits, _ . + - only, no path");
  }
  const lists: unknown = rule?.arguments;
  if (lists === "any") {
    if (runsOtherPrograms(name)) {
      throw invalid(
        name,
        'may not have arguments: "any", since its arguments can run any program. List the exact argument lists',
      );
    }
    return "any";
  }
  if (!Array.isArray(lists) || !lists.every((list) => Array.isArray(list))) {
    throw invalid(name, 'needs arguments: a list of argument lists, or "any"');
  }
  const copies = lists.map((list: readonly string[]) => Object.freeze([...list]));
  for (const list of copies) {
    try {
      checkCommandInput({ argv: [name, ...list] });
    } catch (cause) {
      throw invalid(name, "lists arguments that no program can be given", cause);
    }
  }
  return copies;
}

function invalid(name: string, why: string, cause?: unknown): MeanwhileError {
  return new MeanwhileError("INVALID_OPTION", `commands[${JSON.stringify(name)}] ${why}.`, {
    cause,
  });
}

function isSame(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((text, index) => text === other[index]);
}

function quote(argument: string): string {
  return /^[\w@%+=:,./-]+$/.test(argument) ? argument : JSON.stringify(argument);
}

function refuse(reason: string): ResolvedProgram {
  return { allowed: false, reason };
}
