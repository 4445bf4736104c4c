import { constants } from "node:os";
import type { ProcessEntry } from "../../proc/stat.ts";
import { parseIdentity } from "./identity.ts";

/** What the wrapper has recorded of a run so far. */
export interface ExitRecord {
  /** The command's process, before its program took it over; null where it cannot be told apart. */
  readonly began: { readonly pid: number; readonly process: ProcessEntry | null } | undefined;
  /** Undefined while the command runs. */
  readonly exit: Exit | undefined;
  /** The output file has all that it will ever have. */
  readonly spooled: boolean;
  /** Some of the output could not be written: it reached its cap, or the disk is full. */
  readonly cut: boolean;
  /** Why the command was not begun, by the wrapper's own word. */
  readonly failed: string | undefined;
  /** What the shell said, for when it could not even get that far. */
  readonly complaint: string;
}

/** How a command ended. */
export type Exit =
  | { readonly type: "code"; readonly code: number }
  | { readonly type: "signal"; readonly signal: string };

const beganLine = /^began (\d+.*)$/;
const failedLine = /^failed (.*)$/;
const exitLine = /^exit (\d+)( silent)?$/;
const claimLine = /^(?:wrapper \S+ .*|manager)$/;
const spooledLine = /^spooled (\d+)$/;

/**
 * Reads the lines of a run's record; a line without its end is not there yet.
 *
 * A shell reports death by signal n as code 128 + n, which a command may also exit with. dash and
 * busybox name the signal on a line before, except for INT and PIPE; bash names none. So a code
 * above 128 is a signal when it was named, or when the shell names none; INT and PIPE are taken
 * for plain codes, as shell scripts often exit with 130 and 141 and nobody sends us those.
 */
export function parseExitRecord(text: string): ExitRecord {
  const lines = text.split("\n").slice(0, -1);
  const exit = lines.findIndex((line) => exitLine.test(line));
  const spooled = lines.map((line) => spooledLine.exec(line)?.[1]).find((status) => status);
  const began = lines.map((line) => beganLine.exec(line)?.[1]).find((rest) => rest !== undefined);
  const failed = lines.map((line) => failedLine.exec(line)?.[1]).find((why) => why !== undefined);
  const complaint = lines
    .slice(0, exit === -1 ? undefined : exit)
    .filter(
      (line) => ![claimLine, spooledLine, beganLine, failedLine].some((own) => own.test(line)),
    )
    .join("\n");
  return {
    began: began === undefined ? undefined : toProcess(began),
    failed,
    exit: exit === -1 ? undefined : toExit(lines[exit] ?? "", complaint !== ""),
    spooled: spooled !== undefined,
    cut: spooled !== undefined && spooled !== "0",
    complaint,
  };
}

function toProcess(text: string): ExitRecord["began"] {
  const process = parseIdentity(text) ?? null;
  return { pid: process?.pid ?? Number.parseInt(text, 10), process };
}

function toExit(line: string, named: boolean): Exit {
  const [, digits = "", silent] = exitLine.exec(line) ?? [];
  const code = Number(digits);
  const signal = signalNames.get(code - 128);
  const ambiguous = signal === "SIGINT" || signal === "SIGPIPE";
  const died = signal !== undefined && (named || (silent !== undefined && !ambiguous));
  return died ? { type: "signal", signal } : { type: "code", code };
}

const signalNames: ReadonlyMap<number, string> = new Map(
  Object.entries(constants.signals)
    // Two names of one number: the first is the usual one.
    .reverse()
    .map(([name, number]) => [number, name]),
);
