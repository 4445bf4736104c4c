import { describe, expect, test } from "vitest";
import { decodeJson, encodeJson } from "../../src/schema/json-value.ts";

const options = { maxBytes: 1_000, what: "The result" };

class Point {
  x = 1;
}

describe("encodeJson", () => {
  test.each([
    [undefined, "null"],
    [null, "null"],
    [true, "true"],
    [false, "false"],
    [0, "0"],
    [-1.5e300, "-1.5e+300"],
    ["a\u2028\ud800", '"a\u2028\\ud800"'],
    [{ a: 1, b: undefined, c: [undefined, "x"] }, '{"a":1,"c":[null,"x"]}'],
    [new Date(0), '"1970-01-01T00:00:00.000Z"'],
    [new URL("http://a/"), '"http://a/"'],
    [Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
    [JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
    [{ toJSON: () => undefined }, "null"],
  ])("writes %o", (value, text) => {
    expect(encodeJson(value, options)).toBe(text);
  });

  const cycle: Record<string, unknown> = { a: {} };
  (cycle["a"] as Record<string, unknown>)["b"] = cycle;
  let deep: unknown = 1;
  for (let level = 0; level < 100_000; level += 1) deep = [deep];

  test.each<[string, unknown, RegExp]>([
    ["a BigInt", { n: [1n] }, /^The result cannot be stored: n\.0 is a BigInt/],
    ["a cycle", cycle, /a\.b refers back/],
    ["a function", { f: () => 1 }, /f is a function/],
    ["a symbol", [Symbol("s")], /0 is a symbol/],
    ["a Map", { m: new Map() }, /m is a Map; give Object\.fromEntries/],
    ["a Set", new Set(), /it is a Set/],
    ["an Error", { e: new Error("x") }, /e is an Error/],
    ["a forgotten await", { p: Promise.resolve() }, /p is a Promise; await it/],
    ["a class instance", { p: new Point() }, /p is an instance of Point/],
    ["NaN", { n: Number.NaN }, /n is NaN/],
    ["an infinite number", Number.POSITIVE_INFINITY, /it is Infinity/],
    ["an invalid Date", { d: new Date(Number.NaN) }, /d is an invalid Date/],
    ["bytes", { b: new Uint8Array(1) }, /b is binary data; write it to a file/],
    ["a Buffer", Buffer.from("x"), /it is binary data/],
    ["an ArrayBuffer", new ArrayBuffer(1), /it is binary data/],
    ["100,000 levels", deep, /^The result cannot be stored: ….*nested deeper than 200/],
    ["what toJSON gives", { t: { toJSON: () => ({ n: 1n }) } }, /t\.n is a BigInt/],
    ["a long string", "x".repeat(1_000), /larger than 1000 bytes.*file/],
    ["a string of long characters", "€".repeat(334), /larger than 1000 bytes/],
    ["many values", new Array(1_001).fill(0), /larger than 1000 bytes/],
  ])("refuses %s with its place", (_name, value, message) => {
    expect(() => encodeJson(value, options)).toThrow(
      expect.objectContaining({
        code: "NOT_SERIALIZABLE",
        message: expect.stringMatching(message),
      }),
    );
  });

  test("refuses a value whose getter throws, with the cause", () => {
    const cause = new Error("boom");
    const value = {
      get a(): never {
        throw cause;
      },
    };
    expect(() => encodeJson(value, options)).toThrow(
      expect.objectContaining({ code: "NOT_SERIALIZABLE", cause }),
    );
  });

  test("counts bytes of UTF-8 exactly", () => {
    expect(encodeJson("€".repeat(332), { ...options, maxBytes: 998 })).toHaveLength(334);
    expect(() => encodeJson("€".repeat(332), { ...options, maxBytes: 997 })).toThrow(/larger/);
    const date = [new Date(0)];
    expect(encodeJson(date, { ...options, maxBytes: 28 })).toHaveLength(28);
  });

  test("shares an object in two places, since that is no cycle", () => {
    const shared = { a: 1 };
    expect(encodeJson([shared, shared], options)).toBe('[{"a":1},{"a":1}]');
  });

  test("gives up early on what is far too large, also when it is small in memory", () => {
    let doubling: unknown = "x";
    for (let level = 0; level < 100; level += 1) doubling = [doubling, doubling];
    expect(() => encodeJson(doubling, options)).toThrow(/larger than 1000 bytes/);
  });
});

describe("decodeJson", () => {
  test("gives the value back", () => {
    expect(decodeJson(encodeJson({ a: [1, "x", null] }, options))).toEqual({ a: [1, "x", null] });
  });

  test.each(["", "{", "undefined", "{}x"])("calls %j a damaged store", (text) => {
    expect(() => decodeJson(text)).toThrow(expect.objectContaining({ code: "STORE_CORRUPT" }));
  });
});
