import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { describe, test } from "vitest";
import { renderOutput } from "../../src/render/render-output.ts";

interface HostileOutput {
  readonly id: string;
  readonly class: string;
  readonly note: string;
  readonly encoding?: "base64";
  readonly input: string | { $repeat: [string, number] } | { $seqLines: number };
  readonly expect: {
    readonly rendered: string | { length: number; starts: string; ends: string; contains: string };
    readonly stripped: number;
    readonly invisible: number;
    readonly redacted: number;
  };
}

const fixture = new URL("../fixtures/hostile-outputs.json", import.meta.url);
const cases = JSON.parse(readFileSync(fixture, "utf8")) as HostileOutput[];
const redact = ["sk-proj-AbCdEf0123456789AbCdEf"];

describe("a hostile output is rendered harmless", () => {
  test.each(cases.map((one) => [`${one.class}: ${one.note} (${one.id})`, one] as const))(
    "%s",
    (_title, { input, encoding, expect }) => {
      const { text, stripped, invisible, redacted } = renderOutput(decode(input, encoding), {
        redact,
      });
      const { rendered, ...counts } = expect;
      if (typeof rendered === "string") {
        assert.equal(text, rendered);
      } else {
        assert.equal(text.length, rendered.length);
        assert.ok(text.startsWith(rendered.starts));
        assert.ok(text.endsWith(rendered.ends));
        assert.ok(text.includes(rendered.contains));
      }
      assert.deepEqual({ stripped, invisible, redacted }, counts);
    },
  );
});

function decode(input: HostileOutput["input"], encoding: "base64" | undefined): string {
  if (typeof input !== "string") {
    return "$repeat" in input
      ? input.$repeat[0].repeat(input.$repeat[1])
      : Array.from({ length: input.$seqLines }, (_, index) => `line ${index}`).join("\n");
  }
  return encoding === "base64" ? Buffer.from(input, "base64").toString("utf8") : input;
}
