import {
  type Check,
  every,
  issue,
  type Keyword,
  type KeywordContext,
  maxIssues,
  none,
  type SchemaIssue,
  under,
} from "./check.ts";

/** The keywords that hold schemas, and `required`, which goes with `properties`. */
export const applicators: Readonly<Record<string, Keyword>> = {
  properties: (operand, { compile, invalid }) => {
    const schemas = Object.entries(object(operand, invalid));
    const checks = schemas.map(
      ([name, schema]) => [name, compile(schema, `properties/${name}`)] as const,
    );
    return onObjects((value) => {
      let found = none;
      for (const [name, check] of checks) {
        const member = own(value, name);
        if (member === undefined) continue;
        const issues = check(member);
        if (issues.length > 0) found = [...found, ...under(name, issues)];
      }
      return found;
    });
  },

  required: (operand, { invalid }) => {
    if (!Array.isArray(operand) || operand.some((name) => typeof name !== "string")) {
      throw invalid("must be an array of property names");
    }
    const names = operand as readonly string[];
    return onObjects((value) => {
      let found = none;
      for (const name of names) {
        if (own(value, name) === undefined) {
          found = [...found, { path: [name], message: "is required" }];
        }
      }
      return found;
    });
  },

  additionalProperties: (operand, { schema, compile }) => {
    if (operand === true) return undefined;
    const known = new Set(Object.keys((schema["properties"] ?? {}) as object));
    const message =
      known.size === 0
        ? "is not allowed"
        : `is not allowed; the known properties are ${[...known].join(", ")}`;
    const check: Check =
      operand === false ? () => [issue(message)] : compile(operand, "additionalProperties");
    return onObjects((value) => {
      let found = none;
      for (const name of Object.keys(value)) {
        if (known.has(name) || value[name] === undefined) continue;
        const issues = check(value[name]);
        if (issues.length > 0) found = [...found, ...under(name, issues)];
        if (found.length >= maxIssues) break;
      }
      return found;
    });
  },

  items: (operand, { compile, invalid }) => {
    if (Array.isArray(operand)) throw invalid("must be one schema for all items");
    const check = compile(operand, "items");
    return (value) => {
      if (!Array.isArray(value)) return none;
      let found = none;
      for (let index = 0; index < value.length; index += 1) {
        const issues = check(value[index]);
        if (issues.length > 0) found = [...found, ...under(index, issues)];
        if (found.length >= maxIssues) break;
      }
      return found;
    };
  },

  allOf: (operand, context) => every(alternatives("allOf", operand, context)),

  anyOf: (operand, context) => {
    const checks = alternatives("anyOf", operand, context);
    return (value) => {
      const failures: (readonly SchemaIssue[])[] = [];
      for (const check of checks) {
        const issues = check(value);
        if (issues.length === 0) return none;
        failures.push(issues);
      }
      return [noneFits(failures)];
    };
  },

  oneOf: (operand, context) => {
    const checks = alternatives("oneOf", operand, context);
    return (value) => {
      const results = checks.map((check) => check(value));
      const fitting = results.filter((issues) => issues.length === 0).length;
      if (fitting === 1) return none;
      if (fitting === 0) return [noneFits(results)];
      return [issue(`must fit exactly one of ${results.length} forms, and fits ${fitting}`)];
    };
  },

  not: (operand, { compile }) => {
    const check = compile(operand, "not");
    const failed = [issue("has a form that is not allowed")];
    return (value) => (check(value).length > 0 ? none : failed);
  },
};

type PlainObject = { readonly [key: string]: unknown };

function onObjects(check: (value: PlainObject) => readonly SchemaIssue[]): Check {
  return (value) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? check(value as PlainObject)
      : none;
}

/** What the value itself holds: a name such as `constructor` finds nothing in a prototype. */
function own(value: PlainObject, name: string): unknown {
  return Object.hasOwn(value, name) ? value[name] : undefined;
}

function object(operand: unknown, invalid: KeywordContext["invalid"]): object {
  if (typeof operand !== "object" || operand === null || Array.isArray(operand)) {
    throw invalid("must be an object");
  }
  return operand;
}

function alternatives(
  keyword: string,
  operand: unknown,
  { compile, invalid }: KeywordContext,
): Check[] {
  if (!Array.isArray(operand) || operand.length === 0) {
    throw invalid("must be an array of at least one schema");
  }
  return operand.map((schema: unknown, index) => compile(schema, `${keyword}/${index}`));
}

/** The first complaint of each form, since one of them is the one that was meant. */
function noneFits(failures: readonly (readonly SchemaIssue[])[]): SchemaIssue {
  const first = failures.slice(0, 4).map(([failure]) => {
    const { path, message } = failure as SchemaIssue;
    return path.length === 0 ? message : `${path.join(".")} ${message}`;
  });
  return issue([...new Set(first)].join(", or "));
}
