import type { SandboxCommand } from "../sandbox/sandbox.ts";
import { quoteWord } from "../shell/quote.ts";

/** What the launcher needs to know of one start. Paths are absolute. */
export interface Launch {
  /** What is executed, exactly. */
  readonly command: SandboxCommand;
  /** The run's record; its other files have names that begin like its. */
  readonly record: string;
  readonly outputFile: string;
  /** Most bytes that the output file may have; it may pass it by less than a block of 512. */
  readonly maxBytes: number;
  readonly stdin: "open" | "closed";
  /** Whether what the command leaves running in its process group is asked to end. */
  readonly leftovers: "end" | "keep";
  /** Whether the shell cannot see by which signal the command died, and says code 128 + n for it. */
  readonly hidesSignals: boolean;
  /** Files into which the command writes "0" before it begins: control groups. */
  readonly join: readonly string[];
  /** Flags and values of the shell's `ulimit`. */
  readonly ulimits: readonly (readonly [flag: string, value: number])[];
}

/**
 * The line of shell that starts a command. Every text from outside is single-quoted. What has to
 * be done before the command begins says so in the run's record when it fails, and nothing is
 * run then. A launcher that `waits` for the command rings with a 0 when it is free again.
 */
export function launchLine(number: number, launch: Launch, waits: boolean): string {
  const { command, record, outputFile, maxBytes, stdin, leftovers, join, ulimits, hidesSignals } =
    launch;
  const { exported, others } = sortVariables(command.env);
  const words = [...others, command.executable, ...command.argv.slice(1)].map(quoteWord).join(" ");
  const steps = [
    orFail(`cd -P -- ${quoteWord(command.cwd)}`, "the working directory cannot be entered"),
    // Set by the shell itself.
    "unset OLDPWD SHLVL",
    ...join.map((file) => orFail(`echo 0 >${quoteWord(file)}`, "its control group is closed")),
    ...ulimits.map(([flag, value]) =>
      orFail(`ulimit ${flag} ${value}`, `the limit ulimit ${flag} ${value} cannot be set`),
    ),
    // One for all: the launcher's own environment is empty.
    ...(exported === "" ? [] : [`export${exported}`]),
    `exec $meanwhile_${waits ? "setsid" : "begin"} ${words} 2>&1 3>&- 4<&-`,
  ];
  const left = `meanwhile_left ${number} ${quoteWord(record)} ${stdin} ${leftovers} ${hidesSignals ? "silent" : "named"}`;
  const right = `meanwhile_right ${number} ${quoteWord(record)} ${quoteWord(outputFile)} ${Math.ceil(maxBytes / 512)}`;
  // In a fork of its own, so that a launcher that dies meanwhile leaves both halves or none. Where
  // the system has no process for them, it says that it is over.
  const over = `trap '[ $? = 0 ] || echo ${number} >&3' EXIT`;
  const both = `( $meanwhile_control; ${over}; { meanwhile_command() { ${steps.join("; ")}; }; ${left}; } | ${right} )`;
  return waits ? `${both}; echo 0 >&3\n` : `${both} &\n`;
}

function orFail(step: string, why: string): string {
  return `${step} || { echo ${quoteWord(`failed ${why}`)} >&2; exit 125; }`;
}

/** Names that no shell gives a meaning of its own, so that it passes them on as they are. */
const plainName =
  /^(?!(IFS|PPID|UID|EUID|GROUPS|SHELLOPTS|BASHOPTS|BASH_.*|meanwhile_.*)$)[A-Za-z_]\w*$/;

/** Variables that the shell exports, and those that only `env` can set. */
function sortVariables(env: Readonly<Record<string, string>>): {
  readonly exported: string;
  readonly others: readonly string[];
} {
  let exported = "";
  const others: string[] = [];
  for (const [name, value] of Object.entries(env)) {
    if (plainName.test(name)) exported += ` ${name}=${quoteWord(value)}`;
    else others.push(`${name}=${value}`);
  }
  return { exported, others: others.length === 0 ? [] : ["/usr/bin/env", ...others] };
}
