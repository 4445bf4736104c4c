import { realpath } from "node:fs/promises";
import { resolve } from "node:path";
import { MeanwhileError } from "../../errors.ts";
import { checkCommandInput } from "../input.ts";
import {
  type CommandEnvironment,
  createEnvironment,
  type EnvironmentOptions,
} from "./environment.ts";
import { isInside } from "./inside.ts";
import type { CommandDecision, CommandPolicy, CommandRequest } from "./policy.ts";
import { createProgram, type Program } from "./program.ts";

/** What a program may be given. */
export interface CommandRule {
  /**
   * The exact argument lists that are allowed, `[]` for none at all. Or `"any"`, which trusts the
   * program wholly: whatever it can be told to do, it may be told to do. Many harmless looking
   * programs run others (`find -exec`, `tar --to-command`), write files (`sort -o`) or read every
   * file of the user. `"any"` is refused for shells, interpreters, git, package runners and
   * programs that exist to run others.
   */
  readonly arguments: readonly (readonly string[])[] | "any";
}

/** What `commandPolicy` allows. */
export interface CommandPolicyOptions {
  /**
   * Commands run in this folder or below, symbolic links followed. It says where a command starts,
   * not what it can reach: that is for a sandbox. Programs inside it are never run by name.
   */
  readonly root: string;
  /** @default PATH, HOME, TMPDIR, LANG, TZ and CI of this process */
  readonly env?: EnvironmentOptions;
  /** What may run, by bare program name. Everything else is refused. */
  readonly commands: Readonly<Record<string, CommandRule>>;
}

/**
 * A policy that refuses everything but the commands listed. It compares texts and guesses nothing;
 * a refusal says what is allowed. Options and the process's environment are read once, here.
 *
 * Throws `INVALID_OPTION` when an option makes no sense or would allow more than it seems to.
 */
export function commandPolicy(options: CommandPolicyOptions): CommandPolicy {
  if (typeof options.root !== "string" || options.root === "") {
    throw new MeanwhileError("INVALID_OPTION", "root must be the folder that commands run in.");
  }
  const root = resolve(options.root);
  const environment = createEnvironment(options.env ?? {}, root);
  const programs = new Map<string, Program>();
  for (const name of Object.keys(options.commands)) {
    if (!Object.hasOwn(options.commands, name)) continue;
    const rule = options.commands[name] as CommandRule;
    programs.set(name, createProgram(name, rule, environment.searchPath));
  }
  return { decide: async (request) => decide(snapshot(request), root, environment, programs) };
}

/** Taken before anything is looked at: what is checked is what will run. */
function snapshot(request: CommandRequest): CommandRequest {
  const { argv, env, ...rest } = request;
  const copy: CommandRequest = {
    ...rest,
    argv: Object.freeze(Array.isArray(argv) ? [...argv] : []),
    ...(env === undefined ? {} : { env: { ...env } }),
  };
  checkCommandInput({ ...copy, argv: copy.argv ?? [] });
  return copy;
}

async function decide(
  request: CommandRequest,
  root: string,
  environment: CommandEnvironment,
  programs: ReadonlyMap<string, Program>,
): Promise<CommandDecision> {
  const { argv = [] } = request;
  const [name = "", ...rest] = argv;
  const program = programs.get(name);
  if (program === undefined || !program.allows(rest)) {
    const refused = JSON.stringify(program === undefined ? name : argv.join(" "));
    return { decision: "deny", reason: `${cut(refused)} is not allowed. ${list(programs)}` };
  }
  const env = environment.forRequest(request.env ?? {});
  if (!env.allowed) return { decision: "deny", reason: env.reason };
  const realRoot = await realpath(root).catch((cause: unknown) => {
    throw new MeanwhileError("INVALID_OPTION", `The policy's root ${root} cannot be opened.`, {
      cause,
    });
  });
  const cwd = await resolveFolder(realRoot, request.cwd ?? ".");
  if (!cwd.allowed) return { decision: "deny", reason: cwd.reason };
  const executable = await program.resolve(realRoot);
  if (!executable.allowed) return { decision: "deny", reason: executable.reason };
  const grant = { executable: executable.path, argv, cwd: cwd.path, env: env.env };
  return { decision: "allow", grant: Object.freeze(grant) };
}

async function resolveFolder(
  root: string,
  cwd: string,
): Promise<
  { readonly allowed: true; readonly path: string } | { readonly allowed: false; readonly reason: string }
> {
  const asked = resolve(root, cwd);
  const outside = {
    allowed: false,
    reason: `The working directory ${JSON.stringify(cut(cwd))} is outside the workspace. Give one below it, relative to it.`,
  } as const;
  // Before looking: the answer must not tell what exists out there.
  if (!isInside(root, asked)) return outside;
  let path: string;
  try {
    path = await realpath(asked);
  } catch {
    throw new MeanwhileError(
      "INVALID_INPUT",
      `The working directory ${JSON.stringify(cut(cwd))} does not exist in the workspace.`,
    );
  }
  return isInside(root, path) ? { allowed: true, path } : outside;
}

function list(programs: ReadonlyMap<string, Program>): string {
  const forms = [...programs.values()].flatMap((program) => program.forms);
  if (forms.length === 0) return "No command is allowed here.";
  const shown = forms.slice(0, 20).join("; ");
  return `Allowed: ${shown}${forms.length > 20 ? `; and ${forms.length - 20} more` : ""}.`;
}

function cut(text: string): string {
  return text.length <= 200 ? text : `${text.slice(0, 200).toWellFormed()}…`;
}
