import { describe, expect, test } from "vitest";
import { MeanwhileError } from "../../src/errors.ts";
import { compileJsonSchema } from "../../src/schema/json-schema.ts";
import type { JsonSchema } from "../../src/schema/standard-schema.ts";

function messages(schema: JsonSchema, value: unknown): string[] {
  return compileJsonSchema(schema)(value).map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
}

const cases: readonly (readonly [JsonSchema, readonly unknown[], readonly unknown[]])[] = [
  [{}, [1, "a", null, {}, []], []],
  [{ type: "string" }, ["", "a"], [1, null, undefined, {}, []]],
  [{ type: "number" }, [1, 1.5, -0], ["1", Number.NaN, Number.POSITIVE_INFINITY, 1n]],
  [{ type: "integer" }, [1, 1.0, -3], [1.5, "1", Number.NaN]],
  [{ type: "boolean" }, [true, false], [0, "true", null]],
  [{ type: "null" }, [null], [undefined, 0, {}]],
  [{ type: "object" }, [{}, { a: 1 }], [[], null, "a"]],
  [{ type: "array" }, [[], [1]], [{}, "a", null]],
  [{ type: ["string", "null"] }, ["a", null], [1, undefined]],
  [
    { enum: ["a", 1, null, { b: [2] }] },
    ["a", 1, null, { b: [2] }],
    ["b", 2, { b: [3] }, undefined, "1"],
  ],
  [{ const: { a: 1, b: 2 } }, [{ b: 2, a: 1 }], [{ a: 1 }, { a: 1, b: 2, c: 3 }]],
  [{ minimum: 1, maximum: 3 }, [1, 2, 3, "text"], [0.9, 3.1]],
  [{ exclusiveMinimum: 1, exclusiveMaximum: 3 }, [1.1, 2], [1, 3]],
  [{ multipleOf: 0.1 }, [0.3, 0.7, 1.1, 0, -0.4], [0.35, 1e-17]],
  [{ multipleOf: 3 }, [9, 0], [10]],
  [{ minLength: 2, maxLength: 3 }, ["ab", "abc", "🦊🦊🦊", 5], ["a", "abcd", "🦊", "🦊🦊🦊🦊"]],
  [{ pattern: "^[a-f0-9]{2}$" }, ["0f", 7], ["0g", "0f0"]],
  [{ minItems: 1, maxItems: 2 }, [[1], [1, 2], "a"], [[], [1, 2, 3]]],
  [
    { uniqueItems: true },
    [[1, "1", { a: 1 }, { a: 2 }]],
    [
      [1, 1],
      [
        { a: 1, b: 2 },
        { b: 2, a: 1 },
      ],
    ],
  ],
  [{ uniqueItems: false }, [[1, 1]], []],
  [{ items: { type: "number" } }, [[], [1, 2], "no array"], [[1, "2"]]],
  [{ items: false }, [[]], [[1]]],
  [
    { properties: { a: { type: "number" } } },
    [{}, { a: 1 }, { b: "x" }, { a: undefined }],
    [{ a: "1" }],
  ],
  [{ properties: { a: false } }, [{ b: 1 }], [{ a: 1 }]],
  [{ required: ["a"] }, [{ a: null }, "no object"], [{}, { a: undefined }]],
  [
    { properties: { a: {} }, additionalProperties: false },
    [{ a: 1 }, { b: undefined }],
    [{ b: 1 }],
  ],
  [
    { properties: { a: {} }, additionalProperties: { type: "number" } },
    [{ a: "x", b: 1 }],
    [{ b: "x" }],
  ],
  [{ additionalProperties: true }, [{ b: 1 }], []],
  [{ anyOf: [{ type: "string" }, { type: "number" }] }, ["a", 1], [true]],
  [{ oneOf: [{ minimum: 2 }, { maximum: 5 }] }, [1, 6], [3]],
  [{ allOf: [{ minimum: 2 }, { maximum: 5 }] }, [3], [1, 6]],
  [{ not: { type: "string" } }, [1], ["a"]],
  [
    { format: "uri", title: "t", default: 1, examples: [1], $schema: "x", $comment: "y" },
    ["not a uri"],
    [],
  ],
];

describe("a compiled JSON Schema", () => {
  test.each(cases)("%j tells valid values from others", (schema, valid, refused) => {
    const check = compileJsonSchema(schema);
    for (const value of valid) expect(check(value)).toEqual([]);
    for (const value of refused) expect(check(value)).not.toEqual([]);
  });

  test("says where and what each issue is", () => {
    const schema = {
      type: "object",
      properties: {
        name: { type: "string", minLength: 1 },
        tags: { type: "array", items: { enum: ["a", "b"] } },
        port: { anyOf: [{ type: "integer" }, { type: "null" }] },
      },
      required: ["name", "url"],
      additionalProperties: false,
    };
    expect(messages(schema, { name: "", tags: ["a", "c"], port: "x", colour: 1 })).toEqual([
      "name: must have at least 1 character",
      'tags.1: must be one of "a", "b"',
      "port: must be an integer, or must be null",
      "url: is required",
      "colour: is not allowed; the known properties are name, tags, port",
    ]);
    expect(messages(schema, "text")).toEqual(["must be an object"]);
  });

  test("takes no property from a prototype", () => {
    const check = compileJsonSchema({
      required: ["constructor", "__proto__"],
      properties: { toString: { type: "string" } },
    });
    expect(check({})).toHaveLength(2);
    expect(check(JSON.parse('{"constructor":1,"__proto__":2}'))).toEqual([]);
    expect(
      messages({ additionalProperties: false }, JSON.parse('{"__proto__":{"admin":true}}')),
    ).toEqual(["__proto__: is not allowed"]);
  });

  test("refuses a value that is nested 10,000 deep, or holds itself, and lives on", () => {
    let deep: unknown = 1;
    for (let level = 0; level < 10_000; level += 1) deep = level % 2 === 0 ? [deep] : { deep };
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const schema of [{}, { uniqueItems: true }, { enum: [1] }]) {
      for (const value of [deep, [deep, deep], cycle]) {
        expect(messages(schema, value)).toEqual(["must not be nested deeper than 200 levels"]);
      }
    }
  });

  test("gathers only the first issues of a long array", () => {
    const issues = compileJsonSchema({ items: { type: "string" } })(new Array(100_000).fill(1));
    expect(issues).toHaveLength(20);
  });

  test.each([
    "$ref",
    "if",
    "patternProperties",
    "prefixItems",
    "contains",
    "dependentRequired",
    "propertyNames",
    "constructor",
    "tpye",
  ])("refuses the keyword %s when it is compiled, and names it", (keyword) => {
    const schema = { type: "object", properties: { a: { [keyword]: {} } } };
    expect(() => compileJsonSchema(schema)).toThrow(
      expect.objectContaining({
        code: "INVALID_DEFINITION",
        message: `The JSON Schema, at /properties/a, uses the keyword "${keyword}", which is not supported here; use a Standard Schema library such as zod, valibot or arktype instead.`,
      }),
    );
  });

  test.each<JsonSchema>([
    { type: "text" },
    { type: [] },
    { type: "constructor" },
    { enum: [] },
    { minimum: "1" },
    { multipleOf: 0 },
    { minLength: -1 },
    { maxItems: 1.5 },
    { pattern: "(" },
    { pattern: 1 },
    { uniqueItems: "yes" },
    { items: [{ type: "string" }] },
    { properties: [] },
    { properties: { a: "string" } },
    { required: "a" },
    { additionalProperties: "no" },
    { anyOf: [] },
    { oneOf: {} },
    { not: 1 },
  ])("refuses the malformed schema %j when it is compiled", (schema) => {
    let thrown: unknown;
    try {
      compileJsonSchema(schema);
    } catch (error) {
      thrown = error;
    }
    expect(MeanwhileError.isInstance(thrown, "INVALID_DEFINITION")).toBe(true);
    expect((thrown as Error).message).toMatch(/^The JSON Schema, at \/\S+, /);
  });

  test("refuses a schema that holds itself", () => {
    const schema: Record<string, unknown> = { type: "array" };
    schema["items"] = schema;
    expect(() => compileJsonSchema(schema)).toThrow(/deeper than 200/);
  });
});
