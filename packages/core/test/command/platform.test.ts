import { describe, expect, it } from "vitest";
import { startsDirectly } from "../../src/command/platform.ts";

describe("commands are started directly", () => {
  it.each<[NodeJS.Platform, string, boolean]>([
    ["linux", "/bin/sh", false],
    ["darwin", "/bin/sh", false],
    ["win32", "/bin/sh", true],
    ["linux", "/no/such/shell", true],
  ])("on %s with %s: %s", (platform, shellFile, direct) => {
    expect(startsDirectly(platform, shellFile)).toBe(direct);
  });
});
