import type { IncomingHttpHeaders } from "node:http";

/** What is known of the file behind the URL, from the last answer that gave it from its start. */
export interface Representation {
  /** A strong ETag or Last-Modified date: the bytes are the same as long as this is. */
  readonly validator: string | null;
  /** Size of the whole file; null where the server did not say. */
  readonly total: number | null;
  /** How the bytes are compressed, by a server that does so although asked not to. */
  readonly encoding: string | null;
}

/** What to do with an answer. */
export type Plan =
  /** Its body goes on where the part file ends. */
  | { readonly type: "append"; readonly total: number | null }
  /** Its body is the whole file. */
  | { readonly type: "replace"; readonly representation: Representation }
  /** It is no answer to this request: ask for the whole file. */
  | { readonly type: "start-over" }
  | { readonly type: "retry"; readonly retryAfterMs: number | undefined }
  | { readonly type: "fail"; readonly reason: string };

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
}

/**
 * Judges an answer by what is asked for: the bytes from `offset` on of what `known` describes, or
 * the whole file when `offset` is 0. Bytes of two versions of a file never come together.
 *
 * Source: RFC 9110, sections 8.8 (validators), 13.1.5 (If-Range), 14 (ranges) and 15.
 */
export function planFor(
  { status, headers }: Answer,
  offset: number,
  known: Representation,
  now: number,
): Plan {
  if (status === 200 || status === 203) {
    return { type: "replace", representation: representationOf(headers) };
  }
  if (status === 206 && offset > 0) return planForPart(headers, offset, known);
  if (status === 416 && offset > 0) return { type: "start-over" };
  if (status === 408 || status === 429 || status >= 500) {
    return { type: "retry", retryAfterMs: retryAfter(headers["retry-after"], now) };
  }
  return { type: "fail", reason: reasons[status] ?? "the server did not send the file" };
}

const reasons: Readonly<Record<number, string>> = {
  204: "the server has no content there",
  401: "the server wants credentials, which a download cannot give",
  403: "the server does not allow it",
  404: "there is nothing at this URL",
  410: "the file is gone for good",
};

function planForPart(headers: IncomingHttpHeaders, offset: number, known: Representation): Plan {
  const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headers["content-range"] ?? "");
  if (range === null) return { type: "start-over" };
  const first = Number(range[1]);
  const last = Number(range[2]);
  const total = range[3] === "*" ? known.total : Number(range[3]);
  const fits =
    first === offset &&
    last >= first &&
    (total === null || last < total) &&
    (known.total === null || total === known.total) &&
    isSame(headers, known.validator);
  return fits ? { type: "append", total } : { type: "start-over" };
}

/** A server that ignores `If-Range` gives itself away by the other validator of its answer. */
function isSame(headers: IncomingHttpHeaders, validator: string | null): boolean {
  if (validator === null) return false;
  const given = validator.startsWith('"') ? headers.etag : headers["last-modified"];
  return given === undefined || given === validator;
}

function representationOf(headers: IncomingHttpHeaders): Representation {
  const length = headers["content-length"];
  return {
    validator: strongEtag(headers) ?? strongDate(headers),
    total: length === undefined ? null : Number(length),
    encoding: headers["content-encoding"] ?? null,
  };
}

function strongEtag({ etag }: IncomingHttpHeaders): string | null {
  return etag !== undefined && /^"[^"]*"$/.test(etag) ? etag : null;
}

/** A date is strong when the file was a second old or more: it cannot have changed since unseen. */
function strongDate(headers: IncomingHttpHeaders): string | null {
  const modified = headers["last-modified"];
  const age = Date.parse(headers.date ?? "") - Date.parse(modified ?? "");
  return modified !== undefined && age >= 1_000 ? modified : null;
}

/** Milliseconds that a `Retry-After` asks for, given in seconds or as a date. */
function retryAfter(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  if (/^\d+$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
