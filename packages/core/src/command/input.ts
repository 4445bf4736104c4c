import { MeanwhileError } from "../errors.ts";
import type { JsonSchema } from "../schema/standard-schema.ts";

/** A command to run. Each text: no NUL, no half surrogate pair, less than 128 KiB. */
export type CommandInput = CommandSurroundings &
  (
    | {
        /** Program and arguments. No shell looks at them. */
        readonly argv: readonly string[];
        readonly shell?: never;
      }
    | {
        /** A line for a POSIX shell, where the policy allows one. */
        readonly shell: string;
        readonly argv?: never;
      }
  );

/** Where and with what a command runs. */
export interface CommandSurroundings {
  /** Working directory, relative to the policy's root. @default the root */
  readonly cwd?: string;
  /** Variables on top of the policy's own, where the policy allows them. */
  readonly env?: Readonly<Record<string, string>>;
  /** `"open"` makes `task.send` its stdin, which then ends only with it. @default "closed" */
  readonly stdin?: "closed" | "open";
}

/** What a command leaves beside its text, which is the task's output. */
export interface CommandOutput {
  /** Any other code is a failed task with `EXIT_CODE`. */
  readonly exitCode: 0;
  /** Milliseconds that the attempt took. */
  readonly durationMs: number;
  /** Bytes of output that were kept. */
  readonly outputBytes: number;
  /** True when the command printed more than was kept. */
  readonly truncated: boolean;
  /**
   * Processes that were found running when the command had ended. They were ended, unless the policy
   * says not, and one that is quick to end is not counted.
   */
  readonly leftRunning: number;
}

export const commandSchema: JsonSchema = {
  type: "object",
  properties: {
    argv: {
      type: "array",
      items: { type: "string" },
      minItems: 1,
      description: "Program and arguments, one item each. No shell: no pipes, globs, variables.",
    },
    shell: {
      type: "string",
      description: "A shell line instead of argv, where that is allowed.",
    },
    cwd: { type: "string", description: "Folder, relative to the workspace. Default: its root." },
    env: { type: "object", additionalProperties: { type: "string" } },
    stdin: {
      type: "string",
      enum: ["closed", "open"],
      description: '"open" to send it text later. Default: closed.',
    },
  },
  additionalProperties: false,
};

/** Linux's limit for one argument (MAX_ARG_STRLEN), its final NUL included. */
const argumentBytes = 131_072;
/** Half of what Linux allows with its usual 8 MiB stack; macOS allows 1 MiB. */
const totalBytes = 1_000_000;

/**
 * Refuses what no program can be given as it is: the system would reject it with an obscure error,
 * or silently pass other bytes.
 *
 * Throws `INVALID_INPUT`.
 */
export function checkCommandInput(
  input: CommandSurroundings & { readonly argv?: readonly string[]; readonly shell?: string },
): void {
  const { argv, shell, env = {}, cwd, stdin } = input;
  if (shell === undefined) checkArgv(argv);
  else if (argv === undefined) checkText(shell, "shell");
  else refuse("give argv or shell, not both");
  if (shell === "") refuse("shell is empty");
  if (cwd !== undefined) checkText(cwd, "cwd");
  if (stdin !== undefined && stdin !== "open" && stdin !== "closed") {
    refuse('stdin must be "open" or "closed"');
  }
  if (typeof env !== "object" || env === null || Array.isArray(env)) {
    refuse("env must be an object of texts");
  }
  for (const [name, value] of Object.entries(env)) {
    checkText(name, `the name ${JSON.stringify(name)} in env`);
    checkText(value, `env.${name}`);
  }
  const all = [...(argv ?? [shell ?? ""]), ...Object.entries(env).flat()];
  const total = all.reduce((sum, text) => sum + Buffer.byteLength(text) + 9, 0);
  if (total > totalBytes) {
    refuse(
      `${shell === undefined ? "argv" : "shell"} and env have ${total} bytes together, more than the ${totalBytes} that a program can be given; write them to a file`,
    );
  }
}

function checkArgv(argv: unknown): void {
  if (!Array.isArray(argv) || argv.length === 0) {
    return refuse("argv must be a list with the program as its first item; or give shell, a line");
  }
  for (const [index, argument] of argv.entries()) checkText(argument, `argv[${index}]`);
  if (argv[0] === "") refuse("argv[0], the program, is empty");
}

function checkText(text: unknown, what: string): void {
  if (typeof text !== "string") return refuse(`${what} is not a text`);
  if (text.includes("\0")) refuse(`${what} contains a NUL character`);
  if (!text.isWellFormed()) refuse(`${what} contains half of a surrogate pair`);
  if (Buffer.byteLength(text) + 1 >= argumentBytes) {
    refuse(
      `${what} has ${Buffer.byteLength(text)} bytes; the most is ${argumentBytes - 2}. Write it to a file`,
    );
  }
}

function refuse(why: string): never {
  throw new MeanwhileError("INVALID_INPUT", `The command cannot be run: ${why}.`);
}
