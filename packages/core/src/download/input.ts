import { MeanwhileError } from "../errors.ts";
import type { JsonSchema } from "../schema/standard-schema.ts";

/** What to download. */
export interface DownloadInput {
  /** An http or https URL without credentials. */
  readonly url: string;
  /** The target file, relative to the definition's `directory`. Missing folders are made. */
  readonly path: string;
  /** SHA-256 that the whole file must have, as 64 hex digits. */
  readonly sha256?: string;
  /** Most bytes to accept. @default the definition's `maxBytes` */
  readonly maxBytes?: number;
  /** Replaces a file that exists at the path. @default false */
  readonly overwrite?: boolean;
}

/** The file that was downloaded. */
export interface DownloadOutput {
  /** Absolute path of the file. Its mode is 0600. */
  readonly path: string;
  /** Size of the file. */
  readonly bytes: number;
  /** SHA-256 of the file in hex. */
  readonly sha256: string;
  /** Bytes that an earlier attempt had left behind, when the download went on from them. */
  readonly resumedFrom?: number;
  /** Milliseconds that the attempt took. */
  readonly durationMs: number;
  /**
   * Given when the server sent the file compressed although asked not to; it was stored as sent.
   */
  readonly contentEncoding?: string;
}

export const downloadInputSchema: JsonSchema = {
  type: "object",
  properties: {
    url: { type: "string", description: "http(s) URL" },
    path: { type: "string", minLength: 1, description: "Target file, relative" },
    sha256: { type: "string", pattern: "^[0-9a-fA-F]{64}$", description: "Expected checksum" },
    maxBytes: { type: "integer", minimum: 1 },
    overwrite: { type: "boolean", description: "Replace an existing file; default false" },
  },
  required: ["url", "path"],
  additionalProperties: false,
};

/**
 * The URL to ask for. A WHATWG URL has one spelling for each host, so that an address written in
 * octal, hexadecimal or as one number is checked as what it is.
 * @throws MeanwhileError `INVALID_INPUT`
 */
export function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null) throw invalid(`"url" is not a URL. Give an absolute http or https URL.`);
  if (url.protocol !== "http:" && url.protocol !== "https:") {
    throw invalid(`"url" must start with http:// or https://, not ${url.protocol}.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid(`"url" must not hold a user name or password. Give it without them.`);
  }
  url.hash = "";
  return url;
}

export function invalid(reason: string, options?: { readonly cause: unknown }): MeanwhileError {
  return new MeanwhileError("INVALID_INPUT", reason, options);
}
