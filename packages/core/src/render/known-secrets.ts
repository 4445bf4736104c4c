import { Buffer } from "node:buffer";
import { secretPatterns } from "./secret-patterns.ts";

/** Shorter values are not looked for: they would be found everywhere. */
const shortestSecret = 4;
/** Shortest part of a base64 text that is taken for the secret. */
const shortestCore = 8;

/** Replaces every form of the known values. */
export type KnownSecrets = (
  text: string,
  replacement: (label: string) => string,
) => { text: string; redacted: number };

/**
 * Prepares a search for known values as they are, URL-encoded, in base64 at any alignment, in hex
 * and inside JSON; and for a large part of one at the very beginning or end of the text, where a
 * cut may have gone through it.
 */
export function knownSecrets(values: readonly string[]): KnownSecrets {
  const secrets = values.map(normalise).filter((value) => value.length >= shortestSecret);
  if (secrets.length === 0) return (text) => ({ text, redacted: 0 });
  const labels = new Map<string, string>();
  for (const secret of secrets) {
    for (const form of formsOf(secret)) labels.set(form, labelOf(secret));
  }
  // The longest first, or a part would be taken for the whole.
  const forms = [...labels.keys()].sort((left, right) => right.length - left.length);
  const pattern = new RegExp(forms.map(escapePattern).join("|"), "g");
  return (text, replacement) => {
    let redacted = 0;
    let result = text.replace(pattern, (form) => {
      redacted += 1;
      return replacement(labels.get(form) as string);
    });
    for (const secret of secrets) {
      const { head, tail } = cutParts(result, secret);
      if (head > 0) result = replacement(labelOf(secret)) + result.slice(head);
      if (tail > 0) result = result.slice(0, -tail) + replacement(labelOf(secret));
      redacted += Number(head > 0) + Number(tail > 0);
    }
    return { text: result, redacted };
  };
}

/** The text's newlines were made one kind before, and a file's last one is no part of a secret. */
function normalise(value: string): string {
  return value.toWellFormed().replace(/\r+\n/g, "\n").trim();
}

/** A value with the looks of a known format is called by that. */
function labelOf(secret: string): string {
  const found = secretPatterns.find(({ pattern }) => secret.replace(pattern, "") === "");
  return found?.label ?? "SECRET";
}

function formsOf(secret: string): string[] {
  const url = encodeURIComponent(secret);
  const json = JSON.stringify(secret).slice(1, -1);
  const hex = Buffer.from(secret).toString("hex");
  return [
    secret,
    ...[url, url.replaceAll("%20", "+")].flatMap((form) => [form, lowerCaseEscapes(form)]),
    json,
    json.replaceAll("/", "\\/"),
    hex,
    hex.toUpperCase(),
    ...base64Forms(secret),
    ...base64Forms(`${secret}\n`),
  ].filter((form) => form.length >= shortestSecret);
}

function lowerCaseEscapes(url: string): string {
  return url.replace(/%[0-9A-F]{2}/g, (byte) => byte.toLowerCase());
}

/** The encoding of the value alone, and what is the same of it wherever in other text it stands. */
function base64Forms(secret: string): string[] {
  const whole = Buffer.from(secret).toString("base64");
  const cores = [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(secret)]);
    const first = Math.ceil((offset * 8) / 6);
    return bytes.toString("base64").slice(first, Math.floor((bytes.length * 8) / 6));
  });
  return [whole, whole.replaceAll("=", ""), ...cores.filter((core) => core.length >= shortestCore)]
    .flatMap((form) => [form, form.replaceAll("+", "-").replaceAll("/", "_")])
    .filter((form) => form.length >= shortestCore);
}

/** How much of the text's beginning is the end of the secret, and the other way round. */
function cutParts(text: string, secret: string): { head: number; tail: number } {
  const least = Math.max(8, Math.ceil(secret.length / 3));
  let head = 0;
  let tail = 0;
  for (let length = secret.length - 1; length >= least; length -= 1) {
    if (head === 0 && text.startsWith(secret.slice(-length))) head = length;
    if (tail === 0 && text.endsWith(secret.slice(0, length))) tail = length;
  }
  return { head, tail: head === text.length ? 0 : tail };
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
}
