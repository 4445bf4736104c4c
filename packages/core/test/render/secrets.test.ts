import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, test } from "vitest";
import { renderOutput } from "../../src/render/render-output.ts";

describe("a known secret is replaced", () => {
  const secret = 'p4ss/w+rd "quoted" & more=';
  const redact = [secret];
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  const forms: [string, string][] = [
    ["as it is", secret],
    ["URL-encoded", encodeURIComponent(secret)],
    ["URL-encoded in small letters", encodeURIComponent(secret).toLowerCase()],
    ["as a form field", encodeURIComponent(secret).replaceAll("%20", "+")],
    ["inside JSON", JSON.stringify(secret).slice(1, -1)],
    ["in base64", base64(secret)],
    ["in base64 with its newline", base64(`${secret}\n`)],
    ["in base64 for URLs", Buffer.from(secret).toString("base64url")],
    ["in hex", Buffer.from(secret).toString("hex")],
  ];

  test.each(forms)("%s", (_what, form) => {
    const { text, redacted } = renderOutput(`a ${form} b`, { redact });
    assert.equal(text, "a [REDACTED:SECRET] b");
    assert.equal(redacted, 1);
  });

  test("also where it holds what looks like an escape, and characters of two units", () => {
    const odd = 'a\\1b\\x41c%41\u{1f600}"d&e+f\\\\g';
    const inAscii = JSON.stringify(odd).replace(
      /[^\x20-\x7e]/g,
      (unit) => `\\u${unit.charCodeAt(0).toString(16)}`,
    );
    const spelled = [
      odd,
      encodeURIComponent(odd),
      new URLSearchParams({ "": odd }).toString().slice(1),
      JSON.stringify(odd).slice(1, -1),
      inAscii.slice(1, -1),
      odd.replaceAll("&", "&amp;").replaceAll('"', "&quot;"),
      base64(odd),
      Buffer.from(odd).toString("hex"),
    ];
    for (const form of spelled) {
      const { text } = renderOutput(`a ${form} b`, { redact: [odd] });
      assert.equal(text, "a [REDACTED:SECRET] b", form);
    }
  });

  test.each([0, 1, 2, 3, 4])("in base64 behind %d other bytes", (before) => {
    const encoded = base64(`${"u".repeat(before)}${secret}:tail`);
    const { text, redacted } = renderOutput(encoded, { redact });
    assert.equal(redacted, 1);
    assert.match(text, /^[A-Za-z0-9]{0,6}\[REDACTED:SECRET\][A-Za-z0-9+/=]{0,10}$/);
  });

  test("broken up by what a terminal does not show", () => {
    for (const between of ["\x1b[0m", "\u200b", "x\b", "\x1b]0;t\x07", "\u202e"]) {
      const { text } = renderOutput(`p4ss/w+${between}rd "quoted" & more=`, { redact });
      assert.equal(text, "[REDACTED:SECRET]", JSON.stringify(between));
    }
  });

  test("over several lines, whatever its newlines", () => {
    const { text } = renderOutput("x\nline one\nline two\ny", {
      redact: ["line one\r\nline two\n"],
    });
    assert.equal(text, "x\n[REDACTED:SECRET]\ny");
  });

  test("when a cut at the text's edge went through it", () => {
    const token = "0123456789abcdefghijABCDEFGHIJ";
    const { text, redacted } = renderOutput(`${token.slice(9)} x ${token.slice(0, 15)}`, {
      redact: [token],
    });
    assert.equal(text, "[REDACTED:SECRET] x [REDACTED:SECRET]");
    assert.equal(redacted, 2);
  });

  test("the longest first, where one holds another", () => {
    const { text } = renderOutput("abcd-efgh abcd", { redact: ["abcd", "abcd-efgh"] });
    assert.equal(text, "[REDACTED:SECRET] [REDACTED:SECRET]");
  });

  test("but not where it is too short to be one", () => {
    assert.equal(renderOutput("a b c", { redact: ["", " ", "a"] }).text, "a b c");
  });
});

describe("what looks like a secret is replaced", () => {
  const jwt = `eyJ${"a".repeat(20)}.eyJ${"b".repeat(20)}.${"c".repeat(20)}`;
  const rows: [string, string, string][] = [
    ["AWS", "id AKIAIOSFODNN7EXAMPLE.", "id [REDACTED:AWS ACCESS KEY]."],
    ["Anthropic", `sk-ant-api03-${"x".repeat(40)}`, "[REDACTED:ANTHROPIC_API_KEY]"],
    ["GitHub", `github_pat_${"a1".repeat(20)}`, "[REDACTED:GITHUB TOKEN]"],
    ["Slack", "xoxb-1234567890-abcdefghij", "[REDACTED:SLACK TOKEN]"],
    ["JWT", jwt, "[REDACTED:JWT]"],
    [
      "a bearer header",
      "Authorization: Bearer abcdefghijklmnop",
      "Authorization: Bearer [REDACTED:AUTHORIZATION]",
    ],
    [
      "basic authorization",
      "authorization: Basic dXNlcjpwYXNz",
      "authorization: Basic [REDACTED:AUTHORIZATION]",
    ],
    [
      "a bearer alone",
      "curl -H 'bearer abcdefghijklmnop'",
      "curl -H 'bearer [REDACTED:BEARER TOKEN]'",
    ],
    ["a password in a URL", "postgres://me:s3cret@db/x", "postgres://me:[REDACTED:PASSWORD]@db/x"],
    ["an environment variable", "DB_PASSWORD=hunter2", "DB_PASSWORD=[REDACTED:PASSWORD]"],
    ["an option", "--password=hunter2 x", "--password=[REDACTED:PASSWORD] x"],
    ["JSON", '{"apiKey": "some thing"}', '{"apiKey": "[REDACTED:SECRET]"}'],
    ["YAML", "password: hunter2222", "password: [REDACTED:PASSWORD]"],
    ["a query", "/x?access_token=abc&y=1", "/x?access_token=[REDACTED:SECRET]&y=1"],
    [
      "AWS' other half",
      "aws_secret_access_key = wJalrXUtnFEMIK7MDENG",
      "aws_secret_access_key = [REDACTED:SECRET]",
    ],
    [
      "a private key in JSON",
      '"-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n"',
      '"[REDACTED:PRIVATE KEY]\\n"',
    ],
    [
      "a private key without its end",
      "-----BEGIN RSA PRIVATE KEY-----\nAAAA\nBB==\n... done",
      "[REDACTED:PRIVATE KEY]... done",
    ],
    [
      "a PGP key",
      "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1-2\n\nAAAA\n-----END PGP PRIVATE KEY BLOCK-----",
      "[REDACTED:PRIVATE KEY]",
    ],
  ];

  test.each(rows)("%s", (_what, input, expected) => {
    const { text, redacted } = renderOutput(input);
    assert.equal(text, expected);
    assert.equal(redacted, 1);
    assert.equal(renderOutput(text).text, text);
  });

  test("a certificate stays", () => {
    const text = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
    assert.equal(renderOutput(text).text, text);
  });
});
