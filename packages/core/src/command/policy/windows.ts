import { posix, win32 } from "node:path";
import type { JailedPath } from "./jail.ts";

/**
 * What programs, paths and variables are on Windows, as far as a policy has to know. All of it is
 * told which platform it is for, and touches no file by itself.
 */

/** The file in which a program is looked for: on Windows its `.exe`, and no other. */
export function programFile(name: string, platform: NodeJS.Platform): string {
  return platform !== "win32" || /\.exe$/i.test(name) ? name : `${name}.exe`;
}

/** Why a name can never be a program's, as the end of a sentence. */
export function whyNoProgram(name: string, platform: NodeJS.Platform): string | undefined {
  if (platform !== "win32") return undefined;
  if (isDevice(name)) return "is the name of a device on Windows";
  return /\.(bat|cmd)$/i.test(name) ? `is a batch file. ${whyNoBatchFile}` : undefined;
}

/** The files that a shell of Windows would run by this name. */
export function batchFiles(name: string, platform: NodeJS.Platform): readonly string[] {
  return platform === "win32" ? [`${name}.cmd`, `${name}.bat`] : [];
}

/** What to do about a program that is a batch file only, as npm is. */
export function refuseBatchFile(name: string, file: string): string {
  const cli = win32.join(win32.dirname(file), "node_modules", "npm", "bin", "npm-cli.js");
  const instead =
    name === "npm"
      ? `, here as ["node", ${JSON.stringify(cli)}, ...]`
      : ", mostly node with a script";
  return `${name} is allowed, but it is the batch file ${file}. ${whyNoBatchFile} Allow and run what it runs${instead}.`;
}

/** CVE-2024-24576, "BatBadBut". */
const whyNoBatchFile =
  "Batch files are not run: cmd.exe would read their arguments anew, and could take them for commands.";

/** The absolute folders of a `PATH`. */
export function searchFolders(path: string, platform: NodeJS.Platform): readonly string[] {
  if (platform !== "win32") return path.split(":").filter((folder) => posix.isAbsolute(folder));
  return (
    path
      .split(";")
      .map((folder) => folder.replace(/^"(.*)"$/, "$1"))
      // Without its drive a folder depends on where we are.
      .filter((folder) => /^([A-Za-z]:[\\/]|[\\/]{2}[^\\/?.])/.test(folder))
  );
}

/** Variables that commands inherit where nothing else is said: what most programs need. */
export function inheritedVariables(platform: NodeJS.Platform): readonly string[] {
  if (platform !== "win32") return ["PATH", "HOME", "TMPDIR", "LANG", "TZ", "CI"];
  return [
    ...["PATH", "PATHEXT", "SystemRoot", "SystemDrive", "windir", "ComSpec", "TEMP", "TMP"],
    ...[
      "USERPROFILE",
      "APPDATA",
      "LOCALAPPDATA",
      "ProgramData",
      "ProgramFiles",
      "LANG",
      "TZ",
      "CI",
    ],
  ];
}

/** What two spellings of one variable have in common: Windows knows no case. */
export function variableKey(name: string, platform: NodeJS.Platform): string {
  return platform === "win32" ? name.toUpperCase() : name;
}

/** The variables of both, the second one's where they are the same, whatever their spelling. */
export function mergeVariables(
  base: Readonly<Record<string, string>>,
  more: Readonly<Record<string, string>>,
  platform: NodeJS.Platform,
): Record<string, string> {
  const names = new Set(Object.keys(more).map((name) => variableKey(name, platform)));
  const kept = Object.entries(base).filter(([name]) => !names.has(variableKey(name, platform)));
  return { ...Object.fromEntries(kept), ...more };
}

/** What following a path looks at. */
export interface WindowsFiles {
  /** The path with all links followed, as the disk spells it; undefined when it leads nowhere. */
  realPath(path: string): string | undefined;
  /** Whether there is something of this name, a link that leads nowhere included. */
  exists(path: string): boolean;
}

/**
 * Follows a path in a jail as Windows does: `..` is taken away before any link is looked at. Of what
 * does not exist, what it is in is followed. Undefined when it leads outside, or when it is no plain
 * path, which Windows may take for another one or for a device.
 *
 * `folder` is the root as it was given, `root` its real path, `from` a real folder inside.
 */
export function followOnWindows(
  { folder, root, from }: { readonly folder: string; readonly root: string; readonly from: string },
  path: string,
  files: WindowsFiles,
): JailedPath | undefined {
  if (!isPlain(path)) return undefined;
  const asked = win32.resolve(from, path);
  const way = wayInside(root, asked) ?? wayInside(win32.resolve(folder), asked);
  if (way === undefined) return undefined;
  const ahead = way === "" ? [] : way.split("\\");
  const missing: string[] = [];
  for (;;) {
    const here = win32.join(root, ...ahead);
    const real = files.realPath(here);
    if (real !== undefined) {
      if (wayInside(root, real) === undefined) return undefined;
      return { path: win32.join(real, ...missing), exists: missing.length === 0 };
    }
    // What is written to a link that leads nowhere is made where it points to.
    const last = files.exists(here) ? undefined : ahead.pop();
    if (last === undefined) return undefined;
    missing.unshift(last);
  }
}

/** The rest of a path below a folder. Case is ignored in ASCII only: beyond that disks disagree. */
function wayInside(folder: string, path: string): string | undefined {
  const prefix = folder.endsWith("\\") ? folder : `${folder}\\`;
  if (fold(path) === fold(folder)) return "";
  return fold(path).startsWith(fold(prefix)) ? path.slice(prefix.length) : undefined;
}

function fold(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Relative, or with its drive; each part means itself. */
function isPlain(path: string): boolean {
  const parts = path.replace(/^[A-Za-z]:(?=[\\/])/, "").split(/[\\/]/);
  // A server's, or one for the kernel's object names: \\?\, \\.\
  if (/^[\\/]{2}/.test(path)) return false;
  return parts.every(
    (part) => part === "." || part === ".." || (isPlainPart(part) && !isDevice(part)),
  );
}

/** No drive, stream or wildcard in it, and no end that Windows drops. */
function isPlainPart(part: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Windows refuses them in names
  return !/[<>:"|?*\u0000-\u001f]|[. ]$/.test(part);
}

/** With any extension, and in any folder, these are devices. */
function isDevice(name: string): boolean {
  return /^(con|prn|aux|nul|conin\$|conout\$|clock\$|(com|lpt)[0-9¹²³]) *([.:]|$)/i.test(name);
}
