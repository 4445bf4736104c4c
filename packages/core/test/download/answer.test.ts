import { describe, expect, test } from "vitest";
import { planFor, type Representation } from "../../src/download/answer.ts";

const now = Date.parse("Wed, 01 Jan 2025 12:00:00 GMT");
const known: Representation = { validator: '"a"', total: 100, encoding: null };
const range = (value: string): Record<string, string> => ({ "content-range": value });

describe("an answer to a request for the rest of a file", () => {
  test.each([
    ["bytes 40-99/100", known],
    ["bytes 40-59/100", known],
    ["bytes 40-99/*", known],
    ["bytes 40-99/100", { ...known, total: null }],
  ])("goes on with %s", (header, representation) => {
    expect(planFor({ status: 206, headers: range(header) }, 40, representation, now)).toEqual({
      type: "append",
      total: 100,
    });
  });

  test.each([
    ["no range", {}],
    ["another start", range("bytes 0-99/100")],
    ["a start further on", range("bytes 41-99/100")],
    ["another size", range("bytes 40-100/101")],
    ["an end past the size", range("bytes 40-100/100")],
    ["an end before the start", range("bytes 40-39/100")],
    ["nonsense", range("bytes forty-99/100")],
    ["two ranges", range("bytes 40-99/100, bytes 40-99/100")],
    ["another ETag", { ...range("bytes 40-99/100"), etag: '"b"' }],
    ["its ETag made weak", { ...range("bytes 40-99/100"), etag: 'W/"a"' }],
  ])("starts over when it has %s", (_name, headers) => {
    expect(planFor({ status: 206, headers }, 40, known, now)).toEqual({ type: "start-over" });
  });

  test("starts over when its date of change is another", () => {
    const date = "Wed, 01 Jan 2025 00:00:00 GMT";
    const answer = (modified: string) => ({
      status: 206,
      headers: { ...range("bytes 40-99/100"), "last-modified": modified },
    });
    const dated = { ...known, validator: date };
    expect(planFor(answer(date), 40, dated, now).type).toBe("append");
    expect(planFor(answer("Wed, 01 Jan 2025 00:00:01 GMT"), 40, dated, now).type).toBe(
      "start-over",
    );
  });

  test("starts over when the range cannot be had", () => {
    expect(planFor({ status: 416, headers: {} }, 40, known, now)).toEqual({ type: "start-over" });
  });

  test.each([206, 416])("fails on status %i when the whole file was asked for", (status) => {
    expect(planFor({ status, headers: range("bytes 0-99/100") }, 0, known, now).type).toBe("fail");
  });
});

describe("the validator of a whole file", () => {
  const date = "Wed, 01 Jan 2025 12:00:00 GMT";
  const before = "Wed, 01 Jan 2025 11:59:59 GMT";
  test.each([
    ["a strong ETag", { etag: '"x"', "last-modified": before, date }, '"x"'],
    ["the date beside a weak ETag", { etag: 'W/"x"', "last-modified": before, date }, before],
    ["nothing for a weak ETag alone", { etag: 'W/"x"' }, null],
    ["nothing for an ETag without quotes", { etag: "x" }, null],
    ["nothing for a date of this very second", { "last-modified": date, date }, null],
    ["nothing for a date without the server's own", { "last-modified": before }, null],
    ["nothing for a date that is none", { "last-modified": "today", date }, null],
    ["nothing without either", {}, null],
  ])("is %s", (_name, headers, validator) => {
    expect(planFor({ status: 200, headers }, 0, known, now)).toEqual({
      type: "replace",
      representation: { validator, total: null, encoding: null },
    });
  });
});

test.each([
  [408, undefined, undefined],
  [429, "120", 120_000],
  [500, undefined, undefined],
  [503, "Wed, 01 Jan 2025 12:00:30 GMT", 30_000],
  [503, "Wed, 01 Jan 2025 11:00:00 GMT", 0],
  [503, "soon", undefined],
])("status %i with Retry-After %s is tried again", (status, header, retryAfterMs) => {
  const headers = header === undefined ? {} : { "retry-after": header };
  expect(planFor({ status, headers }, 0, known, now)).toEqual({ type: "retry", retryAfterMs });
});

test.each([204, 301, 304, 400, 401, 403, 404, 410, 451])("status %i is final", (status) => {
  expect(planFor({ status, headers: {} }, 0, known, now).type).toBe("fail");
});
