import { canonicalJson } from "./canonical-json.ts";
import { type Check, issue, type Keyword, type KeywordContext, none } from "./check.ts";

/** The keywords that look at one value and not into it. */
export const assertions: Readonly<Record<string, Keyword>> = {
  type: (operand, context) => {
    const names = Array.isArray(operand) ? operand : [operand];
    const tests = names.map((name: unknown) => {
      if (typeof name !== "string" || !Object.hasOwn(types, name)) {
        throw context.invalid(`must name one of ${Object.keys(types).join(", ")}`);
      }
      return types[name] as TypeTest;
    });
    if (tests.length === 0) throw context.invalid("must not be empty");
    const failed = [issue(`must be ${tests.map(({ phrase }) => phrase).join(" or ")}`)];
    return (value) => (tests.some(({ test }) => test(value)) ? none : failed);
  },

  enum: (operand, context) => {
    if (!Array.isArray(operand) || operand.length === 0) {
      throw context.invalid("must be an array of at least one value");
    }
    return oneOfValues(operand, `must be one of ${operand.map(canonicalJson).join(", ")}`);
  },
  const: (operand) => oneOfValues([operand], `must be ${canonicalJson(operand)}`),

  minimum: numeric((value, limit) => value >= limit, "must be at least"),
  maximum: numeric((value, limit) => value <= limit, "must be at most"),
  exclusiveMinimum: numeric((value, limit) => value > limit, "must be greater than"),
  exclusiveMaximum: numeric((value, limit) => value < limit, "must be less than"),
  multipleOf: (operand, context) => {
    if (!((operand as number) > 0)) throw context.invalid("must be a number above 0");
    return numeric(isMultiple, "must be a multiple of")(operand, context);
  },

  minLength: counted(
    (limit) => (value) => typeof value !== "string" || hasCharacters(value, limit),
    (limit) => `must have at least ${plural(limit, "character")}`,
  ),
  maxLength: counted(
    (limit) => (value) => typeof value !== "string" || !hasCharacters(value, limit + 1),
    (limit) => `must have at most ${plural(limit, "character")}`,
  ),
  pattern: (operand, context) => {
    if (typeof operand !== "string") throw context.invalid("must be a string");
    const expression = regularExpression(operand, context);
    const failed = [issue(`must match the pattern ${operand}`)];
    return (value) => (typeof value !== "string" || expression.test(value) ? none : failed);
  },

  minItems: counted(
    (limit) => (value) => !Array.isArray(value) || value.length >= limit,
    (limit) => `must have at least ${plural(limit, "item")}`,
  ),
  maxItems: counted(
    (limit) => (value) => !Array.isArray(value) || value.length <= limit,
    (limit) => `must have at most ${plural(limit, "item")}`,
  ),
  uniqueItems: (operand, context) => {
    if (typeof operand !== "boolean") throw context.invalid("must be true or false");
    if (!operand) return undefined;
    const failed = [issue("must not hold the same item twice")];
    return (value) =>
      !Array.isArray(value) || new Set(value.map(canonicalJson)).size === value.length
        ? none
        : failed;
  },
};

interface TypeTest {
  readonly phrase: string;
  readonly test: (value: unknown) => boolean;
}

const types: Readonly<Record<string, TypeTest>> = {
  string: { phrase: "a string", test: (value) => typeof value === "string" },
  number: { phrase: "a number", test: Number.isFinite },
  integer: { phrase: "an integer", test: Number.isInteger },
  boolean: { phrase: "true or false", test: (value) => typeof value === "boolean" },
  null: { phrase: "null", test: (value) => value === null },
  array: { phrase: "an array", test: Array.isArray },
  object: {
    phrase: "an object",
    test: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  },
};

function oneOfValues(values: readonly unknown[], message: string): Check {
  const allowed = new Set(values.map(canonicalJson));
  const failed = [issue(message)];
  return (value) => (value !== undefined && allowed.has(canonicalJson(value)) ? none : failed);
}

function numeric(test: (value: number, limit: number) => boolean, message: string): Keyword {
  return (operand, context) => {
    if (typeof operand !== "number" || !Number.isFinite(operand)) {
      throw context.invalid("must be a number");
    }
    const failed = [issue(`${message} ${operand}`)];
    return (value) => (typeof value !== "number" || test(value, operand) ? none : failed);
  };
}

function counted(
  test: (limit: number) => (value: unknown) => boolean,
  message: (limit: number) => string,
): Keyword {
  return (operand, context) => {
    if (!Number.isInteger(operand) || (operand as number) < 0) {
      throw context.invalid("must be an integer of at least 0");
    }
    const passes = test(operand as number);
    const failed = [issue(message(operand as number))];
    return (value) => (passes(value) ? none : failed);
  };
}

/** 0.3 counts as a multiple of 0.1: the quotient may be off by its rounding. */
function isMultiple(value: number, divisor: number): boolean {
  const quotient = value / divisor;
  return Math.abs(quotient - Math.round(quotient)) <= Number.EPSILON * Math.abs(quotient);
}

/** Characters are code points, of which a JavaScript string holds one in one or two units. */
function hasCharacters(text: string, count: number): boolean {
  if (text.length < count) return false;
  if (text.length >= 2 * count) return true;
  let characters = 0;
  for (const _ of text) characters += 1;
  return characters >= count;
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function regularExpression(source: string, context: KeywordContext): RegExp {
  try {
    return new RegExp(source, "u");
  } catch (error) {
    throw context.invalid(
      `must be a regular expression that JavaScript takes with the flag "u" (${error})`,
    );
  }
}
