import type { SecretPattern } from "./provider-keys.ts";

/** A shell's variable of this name holds the folder that it is in. */
const passwordNotFolder = String.raw`pwd(?!["']?\s{0,4}[:=]\s{0,4}["']?[/~])`;

/**
 * What stands behind telling words. Each repetition is bounded or begins at a boundary, so that a
 * search stays linear.
 */
export const namedSecrets: readonly SecretPattern[] = [
  {
    label: "AUTHORIZATION",
    pattern:
      /(?<keep>\b(?:proxy-)?authorization["']?[:=]\s{0,4}["']?(?:[a-z]{1,20}\s{1,4})?)(?!\[REDACTED)[\w.~+/=:-]{12,8000}/gi,
  },
  {
    label: "AUTHORIZATION",
    pattern:
      /(?<keep>\bauthorization["']?[:=]\s{0,4}["']?basic\s{1,4})(?!\[REDACTED)[\w+/=]{4,8000}/gi,
  },
  {
    label: "BEARER TOKEN",
    pattern: /(?<keep>\bbearer\s{1,4})(?!\[REDACTED)[\w.~+/=-]{16,8000}/gi,
  },
  {
    label: "PASSWORD",
    pattern: /(?<keep>:\/\/[^\s/:@]{0,100}:)(?!\[REDACTED)[^\s/]{1,200}(?=@)/g,
  },
  {
    label: "PASSWORD",
    pattern:
      /(?<keep>(?<![\w-])(?:-u|--user|--proxy-user)[ =]{1,4}["']?[^\s:"']{1,100}:)(?!\[REDACTED|\d{1,9}(?![^\s"']))[^\s"']{3,200}/g,
  },
  {
    label: "PASSWORD",
    pattern:
      /(?<keep>\blogin\s{1,4}[^\s]{1,100}\s{1,10}password\s{1,4})(?!\[REDACTED)[^\s]{3,200}/g,
  },
  {
    label: "PASSWORD",
    pattern:
      /(?<keep>\b(?:sshpass\s{1,4}-p\s{0,4}|(?:mysql|mariadb)[a-z]{0,10}\s[^\n]{0,200}?\s-p)["']?)(?!\[REDACTED|\s|[-$<])[^\s"']{3,200}/g,
  },
  {
    label: "SECRET",
    pattern:
      /(?<keep>(?<![\w-])--(?:[a-z]{1,20}-){0,3}(?:password|passwd|passphrase|token|secret|api-?key)\s{1,4}["']?)(?!\[REDACTED|[-$<{*])(?=[^\s"']{0,200}[0-9])[^\s"']{4,2000}/gi,
  },
  {
    label: "COOKIE",
    pattern:
      /(?<keep>\b(?:set-)?cookie["']?\s{0,4}[:=]\s{0,4}["']?)(?!\[REDACTED)[^\s;=:"']{1,200}=[^\n"']{8,8000}/gi,
  },
  { label: "SIGNATURE", pattern: /(?<keep>(?<![\w-])sig=)(?!\[REDACTED)[\w%+/=-]{16,300}/gi },
  {
    label: "SECRET",
    pattern: /(?<keep>"auth"\s{0,4}:\s{0,4}")(?!\[REDACTED)[A-Za-z0-9+/]{8,2000}={0,2}(?=")/g,
  },
  // PuTTY's files; a secret key as JSON Web Key.
  {
    label: "PRIVATE KEY",
    pattern: /(?<keep>Private-Lines: {0,4}\d{1,4}\n)[A-Za-z0-9+/=\n]{20,20000}/g,
  },
  {
    label: "PRIVATE KEY",
    pattern: /(?<keep>"(?:d|k|dp|dq|qi)"\s{0,4}:\s{0,4}")[\w-]{40,4000}(?=")/g,
  },
  ...assignments(
    "PASSWORD",
    `password|passwd|passphrase|passwort|(?<=[a-z0-9]_)pass(?!=\\d{1,9}\\b)|${passwordNotFolder}`,
  ),
  ...assignments(
    "SECRET",
    "secret|(?:api|access|account|secret|shared|private|signing|encryption)[_-]?key|" +
      "(?:access|api|auth|bearer|bot|csrf|deploy|id|refresh|secret|session)[_-]?token|" +
      "(?<![a-z0-9_-])token|credentials?",
  ),
];

/**
 * `name=value`, `"name": "value"`, `name: value` where the value does not look like a word,
 * `<name>value</name>`, and the settings of .NET. The quotes may be escaped.
 */
function assignments(label: string, names: string): SecretPattern[] {
  const not = String.raw`(?!\[REDACTED|[$<{*]|(?:none|null|nil|undefined|true|false|eof)\b)`;
  const quote = String.raw`\\{0,3}["']`;
  return [
    String.raw`(?<keep>(?:${names})(?:${quote})?\s{0,4}[:=]\s{0,4}(?<quote>${quote}))${not}(?:(?!\k<quote>)(?:[^\n\\]|\\.)){4,2000}(?=\k<quote>)`,
    String.raw`(?<keep>(?:${names})=)${not}[^\s"'&;,<>()[\]{}|]{3,2000}`,
    String.raw`(?<keep>(?:${names})(?:${quote})?\s{0,4}[:=]\s{0,4})${not}(?=[^\s"'&;,]{0,200}(?:[0-9!@#%^*~+]|=(?:["'\s]|$)))[^\s"'&;,<>()[\]{}|]{8,2000}`,
    String.raw`(?<keep>(?:${names})>)${not}[^<>\n]{3,2000}(?=<\/)`,
    String.raw`(?<keep>(?:key|name)="[^"\n]{0,60}(?:${names})"\s{1,4}value=")${not}[^"\n]{4,2000}(?=")`,
  ].map((source) => ({ label, pattern: new RegExp(source, "gi") }));
}
