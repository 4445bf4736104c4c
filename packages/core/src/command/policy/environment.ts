import { MeanwhileError } from "../../errors.ts";
import { systemRoot } from "../platform.ts";
import { isInside } from "./inside.ts";
import { inheritedVariables, mergeVariables, searchFolders, variableKey } from "./windows.ts";

/** Which variables commands get, and which a request may set. */
export interface EnvironmentOptions {
  /**
   * Variables of this process that commands inherit. Names of secrets and of variables that make
   * programs load code are refused. @default PATH, HOME, TMPDIR, LANG, TZ, CI; on Windows PATH,
   * PATHEXT, SystemRoot, SystemDrive, windir, ComSpec, TEMP, TMP, USERPROFILE, APPDATA,
   * LOCALAPPDATA, ProgramData, ProgramFiles, LANG, TZ, CI
   */
  readonly allow?: readonly string[];
  /** Variables that commands get on top, with the values given here. @default none */
  readonly set?: Readonly<Record<string, string>>;
  /**
   * Variables that a request may set itself. @default CI, COLUMNS, FORCE_COLOR, LANG, LC_ALL,
   * LINES, NODE_ENV, NO_COLOR, TZ
   */
  readonly request?: readonly string[];
}

export interface CommandEnvironment {
  /** The absolute folders outside the workspace of the `PATH` that commands get. */
  readonly searchPath: readonly string[];
  forRequest(
    asked: Readonly<Record<string, string>>,
  ):
    | { readonly allowed: true; readonly env: Readonly<Record<string, string>> }
    | { readonly allowed: false; readonly reason: string };
}

const requestNames = [
  ...["CI", "COLUMNS", "FORCE_COLOR", "LANG", "LC_ALL", "LINES", "NODE_ENV", "NO_COLOR", "TZ"],
];

/** Names that a POSIX shell passes on; others it silently drops. */
const portableName = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Reads this process's environment once. Throws `INVALID_OPTION`. */
export function createEnvironment(
  options: EnvironmentOptions,
  root: string,
  platform: NodeJS.Platform = process.platform,
): CommandEnvironment {
  const { allow = inheritedVariables(platform), set = {}, request = requestNames } = options;
  const check = (name: unknown, where: string, chosen: boolean) =>
    checkName(name, where, chosen, platform);
  for (const name of allow) check(name, "env.allow", false);
  for (const name of request) check(name, "env.request", false);
  for (const name of Object.keys(set)) check(name, "env.set", true);
  let base: Record<string, string> = {};
  for (const name of allow) {
    const value = process.env[name];
    if (value !== undefined) base = mergeVariables(base, { [name]: value }, platform);
  }
  for (const [name, value] of Object.entries(set)) {
    if (typeof value !== "string" || value.includes("\0") || !value.isWellFormed()) {
      throw new MeanwhileError("INVALID_OPTION", `env.set.${name} must be a text without NUL.`);
    }
  }
  base = mergeVariables(base, set, platform);
  const path = Object.entries(base).find(([name]) => variableKey(name, platform) === "PATH")?.[1];
  const searchPath = searchFolders(path ?? usualPath(platform), platform)
    // A program in the workspace would be whatever was put there.
    .filter((folder) => !isInside(root, folder));
  base = mergeVariables(
    base,
    { PATH: searchPath.join(platform === "win32" ? ";" : ":") },
    platform,
  );
  const settable = new Set(request.map((name) => variableKey(name, platform)));
  return {
    searchPath,
    forRequest(asked) {
      const refused = Object.keys(asked).find((name) => !settable.has(variableKey(name, platform)));
      if (refused === undefined) {
        return { allowed: true, env: Object.freeze(mergeVariables(base, asked, platform)) };
      }
      const names = [...settable].join(", ");
      return {
        allowed: false,
        reason: `The variable ${JSON.stringify(refused.slice(0, 100))} may not be set. Allowed: ${names === "" ? "none" : names}.`,
      };
    },
  };
}

function usualPath(platform: NodeJS.Platform): string {
  if (platform !== "win32") return "/usr/local/bin:/usr/bin:/bin";
  const root = systemRoot(process.env);
  return `${root}\\System32;${root}`;
}

function checkName(name: unknown, where: string, chosen: boolean, platform: NodeJS.Platform): void {
  const invalid = (why: string) =>
    new MeanwhileError("INVALID_OPTION", `${where} names ${JSON.stringify(name)}, ${why}.`);
  if (typeof name !== "string" || !portableName.test(name)) {
    throw invalid("which is not a name of letters, digits and _");
  }
  const isOne = (known: RegExp) =>
    known.test(name) || (platform === "win32" && new RegExp(known, "i").test(name));
  if (isOne(ours)) throw invalid("which is reserved");
  if (chosen) return;
  if (isOne(loadsCode)) {
    throw invalid("which can make programs run other code; give its value in env.set if you must");
  }
  if (looksSecret.test(name)) {
    throw invalid("which looks like a secret; give its value in env.set if commands must have it");
  }
  if (where === "env.request" && isOne(decidesPrograms)) {
    throw invalid("which decides what programs run");
  }
}

const decidesPrograms = /^(PATH|HOME|SHELL|PATHEXT|COMSPEC|SYSTEMROOT|WINDIR|USERPROFILE)$/;

/** What the wrapper and its shell use themselves. */
const ours =
  /^(meanwhile_.*|MEANWHILE_.*|IFS|PPID|UID|EUID|SHELLOPTS|BASHOPTS|BASH_.*|ENV|PWD|OLDPWD)$/;

/** Variables by which a shell, a loader, an interpreter or a common tool runs what they name. */
const loadsCode = new RegExp(
  `^(${[
    "LD_.*|DYLD_.*|GCONV_PATH|LOCPATH|NLSPATH|GLIBC_TUNABLES|MALLOC_.*",
    "BASH_FUNC_.*|PROMPT_COMMAND|PS[0-4]|CDPATH|GLOBIGNORE|ZDOTDIR|FPATH",
    "NODE_OPTIONS|NODE_PATH|NODE_REPL_.*|NODE_EXTRA_.*|NPM_CONFIG_.*|npm_.*|YARN_.*|COREPACK_.*",
    "DENO_.*|BUN_.*|TS_NODE_.*|ELECTRON_.*",
    "PYTHON.*|PIP_.*|VIRTUAL_ENV|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|PHPRC|PHP_INI_.*|LUA_.*",
    "JAVA_TOOL_OPTIONS|_JAVA_OPTIONS|JDK_JAVA_OPTIONS|CLASSPATH|MAVEN_.*|GRADLE_.*|SBT_.*",
    "DOTNET_.*|COMPLUS_.*|CORECLR_.*|ERL_.*|ELIXIR_.*|GHC.*|R_.*|JULIA_.*|TCLLIBPATH",
    "GIT_.*|SSH_.*|SUDO_.*|RSYNC_.*|HG.*|SVN_.*",
    "EDITOR|VISUAL|PAGER|MANPAGER|BROWSER|LESS.*|MANOPT|TERMINFO.*|TERMCAP|VIMINIT|EXINIT",
    "MAKE.*|CC|CXX|CPP|LD|CFLAGS|CXXFLAGS|LDFLAGS|CMAKE_.*|RUSTC.*|RUSTFLAGS|CARGO_.*|GO.*|CGO_.*",
    "RIPGREP_CONFIG_PATH|FZF_.*|TAR_OPTIONS|GREP_OPTIONS|CURL_HOME|WGETRC|INPUTRC|OPENSSL_.*",
    "XDG_.*|DBUS_.*|DISPLAY|DOCKER_.*|KUBECONFIG|SHELL",
  ].join("|")})$`,
);

const looksSecret =
  /(KEY|TOKEN|SECRET|PASS|PASSWD|PASSWORD|PASSPHRASE|CREDENTIALS?|AUTH|COOKIE|PRIVATE|DSN|(DATABASE|REDIS|MONGO.*|POSTGRES.*|AMQP)_UR[IL])S?$/i;
