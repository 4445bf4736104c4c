import { MeanwhileError } from "@meanwhile/core";
import { asSchema, type FlexibleSchema, jsonSchema, type Schema } from "ai";

/** What the model may add to the input of a tool that can run in the background. */
export interface BackgroundFlag {
  /** Whether it runs in the background. */
  background?: boolean;
}

type JSONSchema = Awaited<Schema["jsonSchema"]>;

const description =
  "Run it in the background: you get a task id now, and are notified when it ends. Go on meanwhile, and do not poll.";

/** The schema with one more property, which its own validation does not see. */
export function withFlag<Input>(
  inputSchema: FlexibleSchema<Input>,
  strict: boolean,
): Schema<Input & BackgroundFlag> {
  const own = asSchema(inputSchema);
  return jsonSchema<Input & BackgroundFlag>(async () => addFlag(await own.jsonSchema, strict), {
    async validate(value) {
      const { flag, rest } = splitFlag(value);
      const checked = (await own.validate?.(rest)) ?? { success: true, value: rest as Input };
      if (!checked.success) return checked;
      return {
        success: true,
        value: (flag ? { ...checked.value, background: true } : checked.value) as Input &
          BackgroundFlag,
      };
    },
  });
}

/** Takes the flag out of an input. */
export function splitFlag<Input>(input: Input & BackgroundFlag): { flag: boolean; rest: Input };
export function splitFlag(input: unknown): { flag: boolean; rest: unknown };
export function splitFlag(input: unknown): { flag: boolean; rest: unknown } {
  if (typeof input !== "object" || input === null) return { flag: false, rest: input };
  const { background, ...rest } = input as BackgroundFlag;
  return { flag: background === true, rest };
}

function addFlag(schema: JSONSchema, strict: boolean): JSONSchema {
  if (schema.properties !== undefined && "background" in schema.properties) {
    throw new MeanwhileError(
      "INVALID_OPTION",
      'The tool has an input `background` of its own. Rename that, or use `mode: "always"`.',
    );
  }
  // Providers that are strict want every property to be required.
  const flag = {
    type: strict ? ["boolean" as const, "null" as const] : ("boolean" as const),
    description,
  };
  return {
    ...schema,
    properties: { ...schema.properties, background: flag },
    ...(strict ? { required: [...(schema.required ?? []), "background"] } : {}),
  };
}
