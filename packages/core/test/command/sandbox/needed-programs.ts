import { spawnSync } from "node:child_process";

/** What a test's title says when a program that it needs is missing; undefined when all are there. */
export function missing(packages: Packages): string | undefined {
  const absent = Object.entries(packages).filter(([, [program = "", ...argumentList]]) => {
    return spawnSync(program, argumentList, { stdio: "ignore" }).status !== 0;
  });
  if (absent.length === 0) return undefined;
  return `not tested: apt-get install ${absent.map(([name]) => name).join(" ")}, or let them work`;
}

type Packages = Readonly<Record<string, readonly string[]>>;

export const bubblewrapPackage: Packages = {
  bubblewrap: ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "true"],
};

export const runtimePackages: Packages = {
  ...bubblewrapPackage,
  socat: ["socat", "-V"],
  ripgrep: ["rg", "--version"],
};
