import { basename } from "node:path";
import type { CommandGrant, CommandRequest } from "../policy/policy.ts";
import { visibleWord } from "./visible-word.ts";

/**
 * A command as one line of visible ASCII: `/usr/bin/git log -1 (cwd /work; env TZ=UTC; limits
 * timeMs=60000; sandbox bubblewrap)`. Exact and in full, since it is what a person says yes to. Of
 * the environment it has the variables that the request asked for; the others are the policy's.
 */
export function approvalText(grant: CommandGrant, request: Pick<CommandRequest, "env">): string {
  const { executable, argv, cwd, env, limits = {}, leftovers, sandbox } = grant;
  const [name, ...rest] = argv;
  const asked = Object.keys(request.env ?? {}).filter((each) => Object.hasOwn(env, each));
  const facts = [
    // A program may act by the name under which it is run.
    name === basename(executable)
      ? ""
      : name === undefined
        ? "nameless"
        : `as ${visibleWord(name)}`,
    `cwd ${visibleWord(cwd)}`,
    section("env", Object.fromEntries(asked.map((each) => [each, env[each] as string]))),
    section("limits", { ...limits }),
    leftovers === undefined ? "" : `leftovers ${visibleWord(leftovers)}`,
    sandbox === undefined ? "" : `sandbox ${visibleWord(sandbox.name)}`,
  ];
  const words = [executable, ...rest].map((word) => visibleWord(word));
  return `${words.join(" ")} (${facts.filter((fact) => fact !== "").join("; ")})`;
}

/** The same for a request that was not granted. */
export function requestText({ argv, shell, cwd, env = {} }: CommandRequest): string {
  const facts = [
    cwd === undefined ? "" : `cwd ${visibleWord(cwd)}`,
    section("env", env),
    argv === undefined ? "shell" : "",
  ].filter((fact) => fact !== "");
  const words = (argv ?? [shell ?? ""]).map((word) => visibleWord(word));
  return facts.length === 0 ? words.join(" ") : `${words.join(" ")} (${facts.join("; ")})`;
}

/** At most so many characters of such a text, and how many it has. */
export function beginning(text: string, maxChars: number): string {
  return text.length <= maxChars
    ? text
    : `${text.slice(0, maxChars)}... (the first ${maxChars} of ${text.length} characters)`;
}

function section(label: string, values: Readonly<Record<string, unknown>>): string {
  const pairs = Object.keys(values)
    .toSorted()
    .filter((name) => values[name] !== undefined)
    .map((name) => `${visibleWord(name, plainName)}=${visibleWord(String(values[name]))}`);
  return pairs.length === 0 ? "" : `${label} ${pairs.join(" ")}`;
}

/** Without `=`, which ends a name. */
const plainName = /^\w+$/;
