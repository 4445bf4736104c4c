import {
  type RenderedOutput,
  type RenderOptions,
  renderOutput,
  visibleText,
} from "./render-output.ts";

/**
 * A result, given as JSON text, fit to be shown to a model: a string as its text, anything else as
 * compact JSON, cut visibly where it is too long. Text that is no JSON is taken as it is.
 */
export function renderValue(
  json: string,
  options: Omit<RenderOptions, "cutLines"> = {},
): RenderedOutput {
  const value = parse(json);
  if (typeof value === "string") return renderOutput(value, options);
  // Compact JSON is one line, so only the budget for the whole may cut it.
  return renderOutput(compact(value) ?? json, { ...options, cutLines: false });
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Undefined for what is no JSON, and for nesting beyond what the stack holds. */
function compact(value: unknown): string | undefined {
  try {
    return JSON.stringify(value, visible);
  } catch {
    return undefined;
  }
}

/** Before JSON spells what a terminal would not show, and so hides what it stands in. */
function visible(_key: string, value: unknown): unknown {
  if (typeof value === "string") return visibleText(value).text;
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const entries = Object.entries(value);
  if (entries.every(([name]) => visibleText(name).text === name)) return value;
  return Object.fromEntries(entries.map(([name, each]) => [visibleText(name).text, each]));
}
