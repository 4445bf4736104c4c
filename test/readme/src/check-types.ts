import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { root } from "./documents.ts";
import { createWorkspace } from "./workspace.ts";

const tsc = join(import.meta.dirname, "../node_modules/.bin/tsc");

/** The errors that TypeScript, as strict as this repository has it, finds in the files. */
export async function checkTypes(files: { name: string; text: string }[]): Promise<string[]> {
  const names = await readFile(join(import.meta.dirname, "fragment-names.d.ts"), "utf8");
  const project = {
    extends: join(root, "tsconfig.base.json"),
    compilerOptions: {
      allowJs: true,
      checkJs: true,
      declaration: false,
      isolatedDeclarations: false,
    },
    include: ["*"],
  };
  await using workspace = await createWorkspace([
    ...files,
    { name: "fragment-names.d.ts", text: names },
    { name: "tsconfig.json", text: JSON.stringify(project) },
  ]);
  const printed = await promisify(execFile)(tsc, ["--pretty", "false"], {
    cwd: workspace.path,
  }).then(
    () => "",
    ({ stdout }: { stdout: string }) => stdout,
  );
  // What explains an error further is indented below it.
  return printed.split(/\n(?! )/).filter((error) => error !== "");
}
