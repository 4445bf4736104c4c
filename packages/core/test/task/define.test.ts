import { expect, test } from "vitest";
import { BackgroundManager, defineTask, type StandardSchema } from "../../src/index.ts";

/** Some libraries' schemas, arktype's for one, are functions that carry the standard's property. */
function callableSchema(): StandardSchema<string, number> {
  const validate = (value: unknown) =>
    typeof value === "string" ? { value: value.length } : { issues: [{ message: "is no text" }] };
  return Object.assign(() => {}, {
    "~standard": { version: 1, vendor: "test", validate } as const,
  });
}

test("a schema may be a function", async () => {
  const measure = defineTask({
    name: "measure",
    description: "Measures a text.",
    input: callableSchema(),
    run: (length) => length,
  });
  await using manager = new BackgroundManager({ tasks: [measure] });
  const session = manager.session("chat");

  const task = await session.start(measure, "tides");

  expect(await task.result()).toBe(5);
  await expect(session.start(measure, 5 as never)).rejects.toMatchObject({
    code: "INVALID_INPUT",
    message: expect.stringContaining("is no text"),
  });
});

test("a function that is no schema is refused", () => {
  const definition = { name: "measure", description: "Measures.", run: () => 1 };

  expect(() => defineTask({ ...definition, input: (() => {}) as never })).toThrow(
    expect.objectContaining({ code: "INVALID_DEFINITION" }),
  );
});
