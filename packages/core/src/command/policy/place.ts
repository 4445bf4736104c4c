import { MeanwhileError } from "../../errors.ts";
import type { CommandEnvironment } from "./environment.ts";
import { type Jail, openJail } from "./jail.ts";
import type { CommandRequest } from "./policy.ts";
import { show } from "./show.ts";

/** Where and with what a command would run. */
export interface Place {
  /** Real path of the policy's root. */
  readonly root: string;
  /** Real path of the working directory. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether a path, relative to the working directory, stays below the root. */
  isInside(path: string): boolean;
}

/**
 * The place that a request asks for, or why it cannot have it.
 *
 * Throws `INVALID_INPUT` when its folder does not exist, `INVALID_OPTION` when the root does not.
 */
export function findPlace(
  request: CommandRequest,
  folder: string,
  environment: CommandEnvironment,
): Place | { readonly reason: string } {
  const env = environment.forRequest(request.env ?? {});
  if (!env.allowed) return { reason: env.reason };
  const jail = openJail(folder);
  const cwd = findFolder(jail, request.cwd);
  if (typeof cwd !== "string") return cwd;
  return {
    root: jail.root,
    cwd,
    env: env.env,
    isInside: (path) => jail.follow(cwd, path) !== undefined,
  };
}

function findFolder(jail: Jail, cwd: string | undefined): string | { readonly reason: string } {
  if (cwd === undefined) return jail.root;
  const found = jail.follow(jail.root, cwd);
  if (found === undefined) {
    return {
      reason: `The working directory ${show(cwd)} is outside the workspace. Give one below it, relative to it.`,
    };
  }
  if (found.exists) return found.path;
  throw new MeanwhileError(
    "INVALID_INPUT",
    `The working directory ${show(cwd)} does not exist in the workspace.`,
  );
}
