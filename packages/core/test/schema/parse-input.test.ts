import { describe, expect, test } from "vitest";
import { z } from "zod";
import { MeanwhileError } from "../../src/errors.ts";
import { parseInput } from "../../src/schema/parse-input.ts";
import type { StandardResult, StandardSchema } from "../../src/schema/standard-schema.ts";

function schemaOf<Parsed>(
  validate: (value: unknown) => StandardResult<Parsed> | Promise<StandardResult<Parsed>>,
): StandardSchema<unknown, Parsed> {
  return { "~standard": { version: 1, vendor: "test", validate } };
}

function refusalOf(action: () => unknown): MeanwhileError {
  try {
    action();
  } catch (error) {
    if (MeanwhileError.isInstance(error, "INVALID_INPUT")) return error;
    throw error;
  }
  throw new Error("The input was accepted.");
}

describe("parseInput", () => {
  test("gives what a Standard Schema made of the input, at once", () => {
    const schema = z.object({ topic: z.string().trim(), depth: z.number().default(3) });
    expect(parseInput(schema, { topic: " tides " })).toEqual({ topic: "tides", depth: 3 });
  });

  test("waits only for a schema that is asynchronous", async () => {
    const schema = z.object({ topic: z.string().refine(async (topic) => topic !== "bad") });
    const pending = parseInput(
      schemaOf((value) => schema["~standard"].validate(value)),
      { topic: "good" },
    );
    expect(pending).toBeInstanceOf(Promise);
    await expect(pending).resolves.toEqual({ topic: "good" });
    await expect(parseInput(schema, { topic: "bad" })).rejects.toMatchObject({
      code: "INVALID_INPUT",
    });
  });

  test("gives the same value back when a JSON Schema accepts it", () => {
    const value = { topic: "tides" };
    expect(parseInput({ type: "object", required: ["topic"] }, value)).toBe(value);
  });

  test("lists the first five issues in words that a model can act on", () => {
    const properties = Object.fromEntries([..."abcdefg"].map((name) => [name, { type: "number" }]));
    const value = Object.fromEntries([..."abcdefg"].map((name) => [name, "x"]));
    expect(refusalOf(() => parseInput({ type: "object", properties }, value)).message).toBe(
      "The input is not valid. a: must be a number; b: must be a number; c: must be a number; d: must be a number; e: must be a number; and 2 more. Correct it and try again.",
    );
  });

  test("writes the path of a Standard Schema's issue, whatever its segments are", () => {
    const schema = schemaOf(() => ({
      issues: [
        { message: "is wrong", path: ["a", { key: 0 }, Symbol("s")] },
        { message: "is odd" },
      ],
    }));
    expect(refusalOf(() => parseInput(schema, {})).message).toContain(
      "a.0.Symbol(s): is wrong; is odd",
    );
  });

  test("cuts an issue that quotes a long value", () => {
    const schema = schemaOf(() => ({ issues: [{ message: "x".repeat(10_000) }] }));
    expect(refusalOf(() => parseInput(schema, {})).message.length).toBeLessThan(500);
  });

  test("takes a schema that throws, or answers nonsense, for a refusal with the cause", async () => {
    const cause = new Error("boom");
    const throws = schemaOf(() => {
      throw cause;
    });
    expect(refusalOf(() => parseInput(throws, {})).cause).toBe(cause);
    const rejects = schemaOf(() => Promise.reject(cause));
    await expect(parseInput(rejects, {})).rejects.toMatchObject({ code: "INVALID_INPUT", cause });
    const nonsense = schemaOf(() => undefined as never);
    expect(refusalOf(() => parseInput(nonsense, {})).cause).toBeInstanceOf(TypeError);
  });

  test("takes a schema that is a function, as arktype's are", () => {
    const schema = Object.assign(
      () => undefined,
      schemaOf((value) => ({ value })),
    );
    expect(parseInput(schema, 7)).toBe(7);
  });

  test("says that a JSON Schema itself is at fault when it cannot be compiled", () => {
    expect(() => parseInput({ $ref: "#/a" }, {})).toThrow(
      expect.objectContaining({ code: "INVALID_DEFINITION" }),
    );
  });
});
