import { access, constants, open, stat } from "node:fs/promises";

/** Why a file cannot be run as a program, in words; undefined when nothing speaks against it. */
export async function whyNotStartable(executable: string): Promise<string | undefined> {
  const why = await whyNotExecutable(executable);
  if (why !== undefined) return why;
  const interpreter = await readInterpreter(executable);
  if (interpreter === undefined) return undefined;
  const whyNot = await whyNotExecutable(interpreter);
  return whyNot === undefined ? undefined : `it is a script, and its interpreter fails: ${whyNot}`;
}

async function whyNotExecutable(file: string): Promise<string | undefined> {
  try {
    if (!(await stat(file)).isFile()) return `${file} is not a file`;
    await access(file, constants.X_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return `${file} does not exist`;
    if (code === "EACCES") return `${file} is not executable`;
    return `${file}: ${(error as Error).message}`;
  }
}

/** The path after `#!`, if the file is a script that may be read. */
async function readInterpreter(file: string): Promise<string | undefined> {
  try {
    await using handle = await open(file, "r");
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(256), 0, 256, 0);
    const [line = ""] = buffer.toString("latin1", 0, bytesRead).split("\n", 1);
    return /^#![ \t]*(\/[^ \t\r]*)/.exec(line)?.[1];
  } catch {
    return undefined;
  }
}
