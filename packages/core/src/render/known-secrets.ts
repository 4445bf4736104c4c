import { Buffer } from "node:buffer";
import { hexViews } from "./hex-views.ts";
import { providerKeys } from "./provider-keys.ts";
import { base64View, unescapedView } from "./secret-views.ts";
import type { TextView } from "./text-view.ts";

/** Shorter values are not looked for: they would be found everywhere. */
const shortestSecret = 4;
/** Shorter ones are not looked for across a line break. */
const longEnoughToWrap = 16;
/** Shortest part of a base64 text that is taken for the secret. */
const shortestCore = 8;
/** Most texts have no such word, and need no search for all the forms. */
const mayHoldBase64 = /[\w+/-]{8}/;

/** Replaces every form of the known values. */
export type KnownSecrets = (
  text: string,
  replacement: (label: string) => string,
) => { text: string; redacted: number };

interface Secret {
  readonly value: string;
  readonly label: string;
  /** What it is in each view of a text. */
  readonly unescaped: readonly string[];
  readonly wraps: boolean;
  readonly hex: readonly string[];
  readonly base64: readonly string[];
}

interface Found {
  readonly start: number;
  readonly end: number;
  readonly label: string;
}

/**
 * Prepares a search for known values as they are, escaped for URLs, JSON, HTML and shells, in hex,
 * lists of bytes and dumps, in base64 at any alignment, also twice and of an escaped value, each of
 * these in UTF-8 and UTF-16, and broken into lines; and for a large part of one at the very
 * beginning or end of the text, where a cut may have gone through it.
 */
export function knownSecrets(values: readonly string[]): KnownSecrets {
  const secrets = [...new Set(values.map(normalise))]
    .filter((value) => value.length >= shortestSecret)
    .map(prepare);
  if (secrets.length === 0) return (text) => ({ text, redacted: 0 });
  return (text, replacement) => {
    const found = merge(find(text, secrets));
    const kept: string[] = [];
    let from = 0;
    for (const { start, end, label } of found) {
      kept.push(text.slice(from, start), replacement(label));
      from = end;
    }
    let result = kept.join("") + text.slice(from);
    let redacted = found.length;
    for (const { value, label } of secrets) {
      const { head, tail } = cutParts(result, value);
      if (head > 0) result = replacement(label) + result.slice(head);
      if (tail > 0) result = result.slice(0, -tail) + replacement(label);
      redacted += Number(head > 0) + Number(tail > 0);
    }
    return { text: result, redacted };
  };
}

/** The text's newlines were made one kind before, and a file's last one is no part of a secret. */
function normalise(value: string): string {
  return value.toWellFormed().replace(/\r+\n/g, "\n").trim();
}

function prepare(value: string): Secret {
  const wraps = value.length >= longEnoughToWrap;
  return {
    value,
    label: labelOf(value),
    unescaped: unescapedForms(value, wraps),
    wraps,
    hex: encodings(value).map((bytes) => bytes.toString("hex")),
    base64: base64Forms(value),
  };
}

/** What the view makes of it, and of its spellings where it looks like an escape itself. */
function unescapedForms(value: string, joined: boolean): string[] {
  const texts = [value, ...spellings(value)].map((text) => unescapedView(text, { joined }).text);
  // A value of backslashes is nothing any more.
  return [...new Set(texts)].filter((text) => text.length >= shortestSecret);
}

function spellings(value: string): string[] {
  return [encodeURIComponent(value), JSON.stringify(value).slice(1, -1)];
}

/** A value with the looks of a known format is called by that. */
function labelOf(secret: string): string {
  const found = providerKeys.find(({ pattern }) => secret.replace(pattern, "") === "");
  return found?.label ?? "SECRET";
}

/** Its bytes in UTF-8, and what is the same of them in UTF-16 of either byte order. */
function encodings(value: string): Buffer[] {
  return [Buffer.from(value), Buffer.from(value, "utf16le").subarray(0, -1)];
}

function base64Forms(value: string): string[] {
  const escaped = spellings(value).map((text) => Buffer.from(text));
  const once = [...encodings(value), ...escaped].flatMap(base64Cores);
  const twice = base64Cores(Buffer.from(value)).flatMap((core) => base64Cores(Buffer.from(core)));
  return [...new Set([...once, ...twice])].filter((core) => core.length >= shortestCore);
}

/** What is the same of the encoding wherever in other bytes these stand. */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const all = Buffer.concat([Buffer.alloc(offset), bytes]);
    const first = Math.ceil((offset * 8) / 6);
    return all.toString("base64").slice(first, Math.floor((all.length * 8) / 6));
  });
}

function find(text: string, secrets: readonly Secret[]): Found[] {
  const found: Found[] = [];
  const search = (view: TextView, needle: string, label: string, offset = 0): void => {
    for (let at = view.text.indexOf(needle); at !== -1; at = view.text.indexOf(needle, at + 1)) {
      const { start, end } = view.original(at, at + needle.length);
      found.push({ start: start + offset, end: end + offset, label });
    }
  };
  for (const { value, label } of secrets) search(asItIs(text), value, label);
  for (const wraps of [true, false]) {
    const alike = secrets.filter((secret) => secret.wraps === wraps);
    if (alike.length === 0) continue;
    const view = unescapedView(text, { joined: wraps });
    for (const { unescaped, label } of alike) {
      for (const form of unescaped) search(view, form, label);
    }
  }
  const shortest = Math.min(...secrets.map(({ value }) => 2 * Buffer.byteLength(value)));
  for (const { view, at } of hexViews(text, shortest)) {
    for (const { hex, label } of secrets) for (const form of hex) search(view, form, label, at);
  }
  if (!mayHoldBase64.test(text)) return found;
  const view = base64View(text);
  for (const { base64, label } of secrets) {
    const before = found.length;
    for (const core of base64) search(view, core, label);
    for (let index = before; index < found.length; index += 1) {
      const { start, end } = found[index] as Found;
      found[index] = { start, end: behind(endOfBase64, text, end), label };
    }
  }
  return found;
}

function asItIs(text: string): TextView {
  return { text, original: (start, end) => ({ start, end }) };
}

/** The rest of an encoding that ends with the value, or with its newline. */
const endOfBase64 = /[\w+/-]{0,3}={0,2}(?![\w+/=-])/y;

function behind(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : at;
}

/** Makes one of those that overlap, called as the longest is. */
function merge(found: readonly Found[]): Found[] {
  const merged: Found[] = [];
  let longest = 0;
  for (const next of [...found].sort((left, right) => left.start - right.start)) {
    const last = merged.at(-1);
    const length = next.end - next.start;
    if (last === undefined || next.start >= last.end) {
      merged.push(next);
      longest = length;
      continue;
    }
    const label = length > longest ? next.label : last.label;
    longest = Math.max(longest, length);
    merged[merged.length - 1] = { start: last.start, end: Math.max(last.end, next.end), label };
  }
  return merged;
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
