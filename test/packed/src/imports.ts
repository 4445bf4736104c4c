import { readdir, readFile } from "node:fs/promises";
import { isBuiltin } from "node:module";
import { join } from "node:path";

/** What an installed package imports, in its code or its types, without saying that it needs it. */
export async function undeclaredImports(folder: string): Promise<string[]> {
  const { name, dependencies, peerDependencies } = JSON.parse(
    await readFile(join(folder, "package.json"), "utf8"),
  );
  const declared = new Set([name, ...Object.keys({ ...dependencies, ...peerDependencies })]);
  const imported = new Set<string>();
  for (const file of await readdir(join(folder, "dist"), { recursive: true })) {
    if (!/\.(js|d\.ts)$/.test(file)) continue;
    const code = await readFile(join(folder, "dist", file), "utf8");
    for (const [, specifier = ""] of code.matchAll(imports)) imported.add(packageOf(specifier));
  }
  return [...imported].filter((one) => one !== "" && !isBuiltin(one) && !declared.has(one));
}

const imports = /(?:^(?:import|export)\b[^"';]*|\bimport\(\s*)["']([^"']+)["']/gm;

/** "" for a file of the package itself. */
function packageOf(specifier: string): string {
  if (specifier.startsWith(".")) return "";
  return specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
}
