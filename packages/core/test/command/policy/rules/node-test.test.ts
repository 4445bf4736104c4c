import { rmSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nodeTest } from "../../../../src/command/policy/rules/node-test.ts";
import { npmTest } from "../../../../src/command/policy/rules/npm-test.ts";
import { type Lab, openLab, titled } from "./lab.ts";

let lab: Lab;

const hook = `import { writeFileSync } from "node:fs";
writeFileSync(new URL("../PWNED", import.meta.url), "");`;

beforeEach(() => {
  const env = { PATH: `${dirname(process.execPath)}:${process.env["PATH"]}` };
  lab = openLab({ commands: { node: nodeTest, npm: npmTest }, env });
  const tests = `import { test } from "node:test"; import { writeFileSync } from "node:fs";
test("first", () => {}); test("second", () => writeFileSync("ran", ""));`;
  lab.write("root/app/first.test.mjs", tests);
  lab.write("root/hook.mjs", hook);
  lab.write("outside/other.test.mjs", hook);
  lab.write("root/package.json", JSON.stringify({ scripts: { test: "echo tested" } }));
});

afterEach(() => lab.remove());

describe("node --test", () => {
  const tricks = [
    ["-e", "1"],
    ["-p", "1"],
    ["hook.mjs"],
    ["--require", "./hook.mjs", "--test"],
    ["--test", "--require", "./hook.mjs"],
    ["--test", "--import=./hook.mjs"],
    ["--test", "-r", "./hook.mjs"],
    ["--test", "--eval", "1"],
    ["--test", "--loader=./hook.mjs"],
    ["--test", "--experimental-loader", "./hook.mjs"],
    ["--test", "--env-file=.env"],
    ["--test", "--env-file-if-exists=.env"],
    ["--test", "--experimental-config-file=x.json"],
    ["--test", "--experimental-default-config-file"],
    ["--test", "--test-reporter", "./hook.mjs"],
    ["--test", "--test-reporter=./hook.mjs"],
    ["--test", "--test-reporter-destination=new", "--test-reporter=tap"],
    ["--test", "--test-global-setup=./hook.mjs"],
    ["--test", "--test-update-snapshots"],
    ["--test", "--test-name-pattern", "--eval"],
    ["--test", "--watch"],
    ["--test", "--inspect-brk=0.0.0.0:9229"],
    ["--test", "--run", "test"],
    ["--test", "--conditions=x"],
    ["--test", "--openssl-config=x"],
    ["--test", "--snapshot-blob=x"],
    ["--test", "--cpu-prof", "--cpu-prof-dir=../outside"],
    ["--test", "--redirect-warnings=new"],
    ["--test", "app", "--import=./hook.mjs"],
    ["--test", "../outside/other.test.mjs"],
    ["--test", "**/../../outside/*.mjs"],
    ["--test", "{app,..}/{..,outside}/other.test.mjs"],
    ["--test", "[.][.]/outside/other.test.mjs"],
    ["--test", "@(..)/outside/other.test.mjs"],
    ["--test", "away/x.test.mjs"],
    ["test"],
    [],
  ];
  it.each(titled(tricks))("node %s is refused", (_, rest) => {
    expect(lab.decide(["node", ...rest])).toMatchObject({ decision: "deny" });
  });

  it("braces do lead node elsewhere", () => {
    lab.runOpenly([process.execPath, "--test", "{app,..}/{..,outside}/other.test.mjs"]);
    expect(lab.wasTrapped()).toBe(true);
  });

  it.each(["*/other.test.mjs", "?ut/*.mjs", "**/other.test.mjs", "**/out/*.mjs", "**"])(
    "%s does not lead elsewhere by a link",
    (pattern) => {
      symlinkSync("../outside", join(lab.root, "out"));
      rmSync(join(lab.root, "hook.mjs"));
      expect(lab.run(["node", "--test", pattern]).decision).toBe("allow");
      expect(lab.wasTrapped()).toBe(false);
      lab.runOpenly([process.execPath, "--test", "out/other.test.mjs"]);
      expect(lab.wasTrapped(), "the trap works").toBe(true);
    },
  );

  it.each(
    titled([
      ["--test"],
      ["--test", "app/first.test.mjs"],
      ["--test", "app/*.test.mjs"],
      ["--test", "--test-reporter=tap", "--test-concurrency", "1", "--", "app/first.test.mjs"],
      ["--test", "--test-name-pattern", "second", "app/first.test.mjs"],
      ["--test", "--test-name-pattern=second", "--test-timeout=20000", "**/first.test.mjs"],
    ]),
  )("node %s runs the tests", (_, rest) => {
    expect(lab.run(["node", ...rest])).toMatchObject({ decision: "allow", exitCode: 0 });
    expect(lab.inventory()).toContainEqual(expect.stringMatching(/^root\/ran /));
    expect(lab.wasTrapped()).toBe(false);
  });

  it("what is not chosen is not run", () => {
    const argv = ["node", "--test", "--test-name-pattern=first", "app/first.test.mjs"];
    expect(lab.run(argv).exitCode).toBe(0);
    expect(lab.inventory()).not.toContainEqual(expect.stringMatching(/^root\/ran /));
  });
});

describe("npm test", () => {
  it.each(
    titled([
      ["install"],
      ["run", "build"],
      ["run", "test2"],
      ["test", "--", "--import=./hook.mjs"],
      ["test", "--script-shell=./evil.sh"],
      ["--script-shell=./evil.sh", "test"],
      ["--script-shell", "./evil.sh", "test"],
      ["--prefix", "../outside", "test"],
      ["-C", "../outside", "test"],
      ["test", "-C", "../outside"],
      ["test", "--userconfig=x"],
      ["test", "-w", "other"],
      ["exec", "-c", "./evil.sh"],
      ["x", "-c", "./evil.sh"],
      ["t"],
      [],
    ]),
  )("npm %s is refused", (_, rest) => {
    expect(lab.decide(["npm", ...rest])).toMatchObject({ decision: "deny" });
  });

  it.each([[["test"]], [["run", "test"]]])("npm %s runs the workspace's script", (rest) => {
    const ran = lab.run(["npm", ...rest]);
    expect(ran).toMatchObject({ decision: "allow", exitCode: 0 });
    expect(ran.text).toContain("tested");
  });
});
