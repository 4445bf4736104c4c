import assert from "node:assert/strict";
import { describe, test } from "vitest";
import { renderOutput } from "../../src/render/render-output.ts";
import { hostileOutputs, knownValues } from "./hostile-output-cases.ts";

describe("a hostile output is rendered harmless", () => {
  test.each(hostileOutputs.map((one) => [`${one.class}: ${one.note} (${one.id})`, one] as const))(
    "%s",
    (_title, { text: output, expect }) => {
      const { text, stripped, invisible, redacted } = renderOutput(output, {
        redact: knownValues,
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
