import { MeanwhileError } from "../errors.ts";

export interface EncodeOptions {
  /** Most bytes of the text in UTF-8. */
  readonly maxBytes: number;
  /** How messages call the value, as the subject of a sentence: `The result of "research"`. */
  readonly what: string;
}

/**
 * JSON text of a value, or an error where JSON would change it in silence: a Map becomes `{}`, NaN
 * becomes null, a function is gone. As in JSON, a property that is undefined is left out, and
 * undefined elsewhere is null; what has `toJSON` (Date, URL) is what that gives.
 *
 * @throws MeanwhileError `NOT_SERIALIZABLE`, naming the place and what to do.
 */
export function encodeJson(value: unknown, options: EncodeOptions): string {
  if (value === undefined || value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  const survey: Survey = { ancestors: [], room: options.maxBytes };
  let problem: Problem | undefined;
  let text = "";
  try {
    problem = look(value, survey);
    if (problem === undefined) text = JSON.stringify(value) ?? "null";
  } catch (cause) {
    throw new MeanwhileError(
      "NOT_SERIALIZABLE",
      `${options.what} cannot be stored: reading it as JSON threw an error. Give plain data.`,
      { cause },
    );
  }
  if (problem !== undefined && problem !== tooLarge) {
    throw new MeanwhileError(
      "NOT_SERIALIZABLE",
      `${options.what} cannot be stored: ${place(problem.path)} ${problem.reason}.`,
    );
  }
  // A UTF-16 unit takes at most three bytes, so most texts need no count.
  const fits =
    problem === undefined &&
    (text.length * 3 <= options.maxBytes || Buffer.byteLength(text) <= options.maxBytes);
  if (!fits) {
    throw new MeanwhileError(
      "NOT_SERIALIZABLE",
      `${options.what} is larger than ${options.maxBytes} bytes of JSON. Write large data to a file and give its path.`,
    );
  }
  return text;
}

/**
 * The value of a stored JSON text.
 * @throws MeanwhileError `STORE_CORRUPT`
 */
export function decodeJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MeanwhileError(
      "STORE_CORRUPT",
      "A stored value is not JSON: the store is damaged. Restore it from a backup, or start with a new one.",
      { cause },
    );
  }
}

const maxDepth = 200;

interface Survey {
  /** The objects that hold the value looked at, from the top. */
  readonly ancestors: object[];
  /** Bytes that are left, counted low: ends the walk through what is far too large. */
  room: number;
}

interface Problem {
  readonly path: (string | number)[];
  readonly reason: string;
}

const tooLarge: Problem = { path: [], reason: "is too large" };

function look(value: unknown, survey: Survey): Problem | undefined {
  survey.room -= typeof value === "string" ? value.length + 2 : 1;
  if (survey.room < 0) return tooLarge;
  switch (typeof value) {
    case "string":
    case "boolean":
    case "undefined":
      return undefined;
    case "number":
      return Number.isFinite(value)
        ? undefined
        : problem(`is ${value}, which JSON has no way to write`);
    case "bigint":
      return problem("is a BigInt; give it as a string");
    case "function":
    case "symbol":
      return problem(`is a ${typeof value}, which JSON has no way to write`);
    default:
      return value === null ? undefined : lookInto(value as object, survey);
  }
}

function lookInto(value: object, survey: Survey): Problem | undefined {
  const { ancestors } = survey;
  if (ancestors.includes(value)) return problem("refers back to an object that holds it");
  if (ancestors.length === maxDepth) return problem(`is nested deeper than ${maxDepth} levels`);
  ancestors.push(value);
  const found = lookAtMembers(value, survey);
  ancestors.pop();
  return found;
}

function lookAtMembers(value: object, survey: Survey): Problem | undefined {
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      const found = look(value[index], survey);
      if (found !== undefined) return within(index, found);
    }
    return undefined;
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
    return problem("is binary data; write it to a file and give the path");
  }
  if (typeof (value as { readonly toJSON?: unknown }).toJSON === "function") {
    return lookAtOwnJson(value as { toJSON(): unknown }, survey);
  }
  if (!isPlain(value)) return problem(`is ${kindOf(value)}`);
  for (const key of Object.keys(value)) {
    const member = (value as { readonly [key: string]: unknown })[key];
    if (member === undefined) continue;
    survey.room -= key.length + 3;
    const found = look(member, survey);
    if (found !== undefined) return within(key, found);
  }
  return undefined;
}

function lookAtOwnJson(value: { toJSON(): unknown }, survey: Survey): Problem | undefined {
  if (value instanceof Date && Number.isNaN(value.getTime())) return problem("is an invalid Date");
  survey.room += 1;
  return look(value.toJSON(), survey);
}

function problem(reason: string): Problem {
  return { path: [], reason };
}

function within(key: string | number, found: Problem): Problem {
  if (found !== tooLarge) found.path.unshift(key);
  return found;
}

/** Also true for an object of another realm, whose `Object.prototype` is another. */
function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null;
}

function kindOf(value: object): string {
  if (value instanceof Map) return "a Map; give Object.fromEntries(map)";
  if (value instanceof Set) return "a Set; give [...set]";
  if (value instanceof Error) return "an Error; throw it, or give its message";
  if (value instanceof Promise) return "a Promise; await it";
  const name: unknown = value.constructor?.name;
  return `an instance of ${typeof name === "string" && name !== "" ? name : "a class"}; give a plain object, or add toJSON to the class`;
}

function place(path: readonly (string | number)[]): string {
  if (path.length === 0) return "it";
  const shown = path.length > 12 ? ["…", ...path.slice(-12)] : path;
  return shown.join(".");
}
