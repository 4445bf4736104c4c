/** A JSON object whose fields a dialect looks at. */
export type Fields = Readonly<Record<string, unknown>>;

/** Thrown inside a dialect's check; the message is what the service says. */
class Refused extends Error {}

export function refuse(message: string): never {
  throw new Refused(message);
}

/** The message that the check refused with, or undefined. */
export function refusal(check: () => void): string | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (error instanceof Refused) return error.message;
    throw error;
  }
}

export function list(value: unknown, path: string): readonly Fields[] {
  if (!Array.isArray(value) || value.length === 0) refuse(`${path}: expected a non-empty array`);
  return value;
}

export function text(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "") refuse(`${path}: must be a non-empty text`);
  return value;
}

export function only(value: Fields, keys: readonly string[], path: string): void {
  const extra = Object.keys(value).find((key) => !keys.includes(key));
  if (extra !== undefined) refuse(`${path}.${extra}: Extra inputs are not permitted`);
}

export function unique(values: readonly unknown[], path: string): void {
  if (new Set(values).size !== values.length) refuse(`${path}: ids and names must be unique`);
}

/** What all three providers ask of a tool's name and schema. */
export function toolShape(name: unknown, schema: unknown, path: string): void {
  if (typeof name !== "string" || !/^[a-zA-Z0-9_-]{1,64}$/.test(name)) {
    refuse(`${path}.name: does not match ^[a-zA-Z0-9_-]{1,64}$`);
  }
  if ((schema as Fields | undefined)?.["type"] !== "object") {
    refuse(`${path}: schema must be a JSON Schema of 'type: "object"'`);
  }
}
