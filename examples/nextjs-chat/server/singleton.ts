const values: Map<string, unknown> = global();

/** One value for the whole process, made when it is first asked for: Next evaluates a module anew
 * in each bundle that has it. */
export function singleton<Value>(name: string, make: () => Value): Value {
  if (!values.has(name)) values.set(name, make());
  return values.get(name) as Value;
}

function global(): Map<string, unknown> {
  const key = Symbol.for("nextjs-chat");
  const place = globalThis as { [key]?: Map<string, unknown> };
  place[key] ??= new Map();
  return place[key];
}
