import { describe, expect, test } from "vitest";
import { z } from "zod";
import { modelSchema } from "../../src/schema/model-schema.ts";
import type { StandardSchema } from "../../src/schema/standard-schema.ts";

const bare: StandardSchema = {
  "~standard": { version: 1, vendor: "bare", validate: (value) => ({ value }) },
};

describe("modelSchema", () => {
  test("asks a zod schema how it looks", () => {
    const input = z.object({
      topic: z.string().describe("What about"),
      depth: z.number().default(1),
    });
    expect(modelSchema({ name: "research", input })).toEqual({
      type: "object",
      properties: {
        topic: { type: "string", description: "What about" },
        depth: { type: "number", default: 1 },
      },
      required: ["topic"],
    });
  });

  test("shows a plain JSON Schema without $schema, in one order of keywords", () => {
    const input = {
      required: ["b"],
      $schema: "http://json-schema.org/draft-07/schema#",
      additionalProperties: false,
      properties: {
        b: { minLength: 1, description: "first", type: "string" },
        a: { anyOf: [{ minimum: 1, type: "number" }], default: { z: 1, a: 2 } },
        $schema: { type: "string" },
      },
      description: "d",
      type: "object",
    };
    expect(JSON.stringify(modelSchema({ name: "x", input }))).toBe(
      '{"type":"object","description":"d","properties":{"b":{"type":"string","description":"first","minLength":1},"a":{"anyOf":[{"type":"number","minimum":1}],"default":{"z":1,"a":2}},"$schema":{"type":"string"}},"required":["b"],"additionalProperties":false}',
    );
  });

  test("prefers the explicit inputSchema", () => {
    const inputSchema = { type: "object", title: "explicit" };
    expect(modelSchema({ name: "x", input: bare, inputSchema })).toEqual(inputSchema);
    expect(modelSchema({ name: "x", input: z.string(), inputSchema })).toEqual(inputSchema);
  });

  test("gives a frozen copy, the same one each time", () => {
    const input = { type: "object", properties: { a: { enum: [["x"]] } } };
    const first = modelSchema({ name: "x", input });
    input.properties.a.enum.push(["y"]);
    const second = modelSchema({ name: "x", input });
    expect(second).toBe(first);
    expect(second).toEqual({ type: "object", properties: { a: { enum: [["x"]] } } });
    const visit = (value: unknown): void => {
      if (typeof value !== "object" || value === null) return;
      expect(Object.isFrozen(value)).toBe(true);
      for (const member of Object.values(value)) visit(member);
    };
    visit(second);
  });

  test.each([
    ["a library that cannot say", bare, /from bare.*inputSchema/],
    ["a part that JSON Schema cannot express", z.object({ at: z.date() }), /inputSchema/],
    ["an input that is no object", z.string(), /"type": "object"/],
    ["a union of objects", z.union([z.object({}), z.object({})]), /"type": "object"/],
    ["a JSON Schema without a type", { properties: {} }, /"type": "object"/],
    ["a schema that is not JSON", { type: "object", default: 1n }, /plain JSON/],
  ])("refuses %s with what to do", (_name, input, message) => {
    expect(() => modelSchema({ name: "research", input })).toThrow(
      expect.objectContaining({
        code: "INVALID_DEFINITION",
        message: expect.stringMatching(message),
      }),
    );
    expect(() => modelSchema({ name: "research", input })).toThrow(/"research"/);
  });
});
