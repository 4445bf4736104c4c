/** A shell's variable of this name holds the folder that it is in. */
const passwordNotFolder = String.raw`pwd(?!["']?\s{0,4}[:=]\s{0,4}["']?[/~])`;

/** A kind of secret that is known by its looks. */
export interface SecretPattern {
  /** Shown in the place of the secret. */
  readonly label: string;
  /** Global; the group `keep`, where there is one, stays in the text. */
  readonly pattern: RegExp;
}

/**
 * Formats that providers document for their keys, then what stands behind telling words. Each
 * repetition is bounded or begins at a boundary, so that a search stays linear.
 */
export const secretPatterns: readonly SecretPattern[] = [
  { label: "ANTHROPIC_API_KEY", pattern: /(?<![A-Za-z0-9])sk-ant-[\w-]{16,200}/g },
  {
    label: "OPENAI_API_KEY",
    pattern:
      /(?<![A-Za-z0-9]|sk-)sk-(?=[\w-]{0,200}[0-9A-Z])(?:proj-|svcacct-|admin-)?[\w-]{20,200}/g,
  },
  {
    label: "GITHUB TOKEN",
    pattern: /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_\w{22,255})/g,
  },
  { label: "GITLAB TOKEN", pattern: /(?<![A-Za-z0-9])gl(?:pat|ptt|dt|rt)-[\w-]{20,200}/g },
  { label: "NPM TOKEN", pattern: /(?<![A-Za-z0-9])npm_[A-Za-z0-9]{36,64}/g },
  { label: "PYPI TOKEN", pattern: /(?<![A-Za-z0-9])pypi-[\w-]{50,300}/g },
  { label: "HUGGING FACE TOKEN", pattern: /(?<![A-Za-z0-9])hf_[A-Za-z0-9]{30,64}/g },
  {
    label: "AWS ACCESS KEY",
    pattern: /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g,
  },
  { label: "GOOGLE API KEY", pattern: /(?<![A-Za-z0-9])AIza[\w-]{35}/g },
  { label: "GOOGLE TOKEN", pattern: /(?<![A-Za-z0-9])(?:ya29\.|GOCSPX-)[\w-]{20,2000}/g },
  {
    label: "SLACK TOKEN",
    pattern: /(?<![A-Za-z0-9])(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,250}/g,
  },
  {
    label: "SLACK WEBHOOK",
    pattern: /(?<keep>hooks\.slack\.com\/(?:services|workflows)\/)[\w/]{20,200}/g,
  },
  {
    label: "STRIPE KEY",
    pattern: /(?<![A-Za-z0-9])(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,250}/g,
  },
  { label: "SENDGRID KEY", pattern: /(?<![A-Za-z0-9])SG\.[\w-]{16,64}\.[\w-]{16,64}/g },
  { label: "AGE KEY", pattern: /(?<![A-Za-z0-9])AGE-SECRET-KEY-1[A-Z0-9]{40,80}/g },
  { label: "TELEGRAM TOKEN", pattern: /(?<![A-Za-z0-9])\d{8,10}:AA[\w-]{30,40}/g },
  { label: "VAULT TOKEN", pattern: /(?<![A-Za-z0-9])hv[sbr]\.[\w-]{20,300}/g },
  {
    label: "API TOKEN",
    pattern:
      /(?<![A-Za-z0-9])(?:do[opr]_v1_|dapi|gsk_|xai-|lin_api_|shp(?:at|ca|pa|ss)_|dckr_pat_|PMAK-|glsa_)[A-Za-z0-9_-]{32,200}/g,
  },
  // What a cut at the end of the text left of a token that is too short now.
  {
    label: "CUT TOKEN",
    pattern:
      /(?<![A-Za-z0-9])(?:sk-(?:ant|proj|svcacct|admin)-|gh[pousr]_|github_pat_|gl(?:pat|ptt|dt|rt)-|npm_|pypi-|hf_|AIza|xox[abeoprs]-|[rs]k_live_|(?:AKIA|ASIA)(?=[A-Z0-9]{4}))[\w-]{4,60}(?![\s\S])/g,
  },
  {
    label: "JWT",
    pattern: /(?<![\w-])eyJ[\w-]{8,4000}\.eyJ[\w-]{4,8000}\.[\w-]{0,2000}/g,
  },
  {
    label: "AUTHORIZATION",
    pattern:
      /(?<keep>\b(?:proxy-)?authorization["']?[:=]\s{0,4}["']?(?:[a-z]{1,20}\s{1,4})?)(?!\[REDACTED)[\w.~+/=:-]{12,8000}/gi,
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
    label: "SECRET",
    pattern:
      /(?<keep>(?<![\w-])--(?:[a-z]{1,20}-){0,3}(?:password|passwd|passphrase|token|secret|api-?key)\s{1,4}["']?)(?!\[REDACTED|[-$<{*])(?=[^\s"']{0,200}[0-9])[^\s"']{4,2000}/gi,
  },
  {
    label: "COOKIE",
    pattern:
      /(?<keep>\b(?:set-)?cookie["']?\s{0,4}[:=]\s{0,4}["']?)(?!\[REDACTED)[^\s;=:"']{1,200}=[^\n"']{8,8000}/gi,
  },
  { label: "SIGNATURE", pattern: /(?<keep>[?&;]sig=)(?!\[REDACTED)[\w%+/=-]{16,300}/gi },
  {
    label: "SECRET",
    pattern: /(?<keep>"auth"\s{0,4}:\s{0,4}")(?!\[REDACTED)[A-Za-z0-9+/]{8,2000}={0,2}(?=")/g,
  },
  ...assignments("PASSWORD", `password|passwd|passphrase|passwort|${passwordNotFolder}`),
  ...assignments(
    "SECRET",
    "secret|(?:api|access|account|secret|shared|private|signing|encryption)[_-]?key|" +
      "(?:access|api|auth|bearer|bot|csrf|deploy|id|refresh|secret|session)[_-]?token|" +
      "(?<![a-z0-9_-])token|credentials?",
  ),
];

/**
 * What a text must hold for any of the patterns to match: most texts hold none of it, and one
 * search is cheaper than all.
 */
export const secretHint: RegExp =
  /sk-|gh[pousr]_|github_pat_|gl(?:pat|ptt|dt|rt|sa)[-_]|npm_|pypi-|hf_|A(?:KIA|SIA|BIA|CCA)|AIza|ya29|GOCSPX|xox|xapp|_(?:live|test)_|whsec_|SG\.|eyJ|:AA|hv[sbr]\.|_v1_|dapi|gsk_|xai-|lin_api_|shp(?:at|ca|pa|ss)_|dckr_pat_|PMAK|auth|bearer|cookie|[?&;]sig=|-u|:\/\/|pass|pwd|secret|token|key|credential/i;

/** `name=value`, `"name": "value"`, and `name: value` where the value does not look like a word. */
function assignments(label: string, names: string): SecretPattern[] {
  const not = String.raw`(?!\[REDACTED|[$<{*]|(?:none|null|nil|undefined|true|false|eof)\b)`;
  return [
    String.raw`(?<keep>(?:${names})["']?\s{0,4}[:=]\s{0,4}(?<quote>["']))${not}(?:(?!\k<quote>)[^\n\\]|\\.){4,2000}(?=\k<quote>)`,
    String.raw`(?<keep>(?:${names})=)${not}[^\s"'&;,<>()[\]{}|]{3,2000}`,
    String.raw`(?<keep>(?:${names})["']?\s{0,4}[:=]\s{0,4})${not}(?=[^\s"'&;,]{0,200}[0-9])[^\s"'&;,<>()[\]{}|]{8,2000}`,
  ].map((source) => ({ label, pattern: new RegExp(source, "gi") }));
}
