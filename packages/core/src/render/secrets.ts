import { type KnownSecrets, knownSecrets } from "./known-secrets.ts";
import { namedSecrets } from "./named-secrets.ts";
import { redactPrivateKeys } from "./private-keys.ts";
import { providerKeys } from "./provider-keys.ts";

/** Replaces known secret values, then what looks like one, by `[REDACTED:…]`, and counts them. */
export function redactSecrets(
  text: string,
  known: readonly string[],
): { text: string; redacted: number } {
  let { text: result, redacted } = prepared(known)(text, mark);
  const keys = redactPrivateKeys(result, mark("PRIVATE KEY"));
  result = keys.text;
  redacted += keys.redacted;
  for (const { label, pattern } of [...providerKeys, ...namedSecrets]) {
    result = result.replace(pattern, (...match) => {
      redacted += 1;
      const groups: unknown = match.at(-1);
      const keep = typeof groups === "object" ? (groups as { keep?: string }).keep : undefined;
      return `${keep ?? ""}${mark(label)}`;
    });
  }
  return { text: result, redacted };
}

function mark(label: string): string {
  return `[REDACTED:${label}]`;
}

const cache = new WeakMap<readonly string[], KnownSecrets>();

/** A manager passes the same list each time; its forms are worked out once. */
function prepared(known: readonly string[]): KnownSecrets {
  let secrets = cache.get(known);
  if (secrets === undefined) {
    secrets = knownSecrets(known);
    cache.set(known, secrets);
  }
  return secrets;
}
