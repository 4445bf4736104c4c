/** A kind of secret that is known by its looks. */
export interface SecretPattern {
  /** Shown in the place of the secret. */
  readonly label: string;
  /** Global; the group `keep`, where there is one, stays in the text. */
  readonly pattern: RegExp;
}

/**
 * Formats that providers document for their keys. Each repetition is bounded or begins at a
 * boundary, so that a search stays linear.
 */
export const providerKeys: readonly SecretPattern[] = [
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
  { label: "GITLAB TOKEN", pattern: /(?<![A-Za-z0-9])gl[a-z]{2,8}-(?:\d{1,4}_)?[\w-]{20,200}/g },
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
      /(?<![A-Za-z0-9])(?:do[opr]_v1_|dapi|gsk_|xai-|lin_api_|shp(?:at|ca|pa|ss)_|dckr_pat_|PMAK-|glc_|glsa_|rubygems_|ntn_|sbp_|nfp_|fo1_|fm[12][ar]?_|pscale_(?:tkn|pw|oauth)_|dp\.(?:st|pt|ct|sa|scim|audit)\.|NRAK-|sntry[su]_|sq0(?:atp|csp)-|pplx-|lsv2_(?:pt|sk)_|tvly-|pcsk_|e2b_|x(?:keys|smtps)ib-|figd_|ops_eyJ|ATATT3x|ATCTT3x|GR1348941|CCIPAT_|CFPAT-|tfp_|sgp_|rdme_|HRKU-|bkua_|dt0c01\.|1\/\/0)(?=[\w.=-]{0,100}\d)[\w.=-]{20,400}/g,
  },
  // Formats whose beginning alone says little.
  {
    label: "API TOKEN",
    pattern:
      /(?<![\w.~-])(?:SK[0-9a-f]{32}|(?:key|fc)-[0-9a-f]{32}|pul-[0-9a-f]{40}|secret_[A-Za-z0-9]{43}|r8_[A-Za-z0-9]{37}|ATBB[A-Za-z0-9]{28,40}|AKCp[A-Za-z0-9]{60,80}|ABSK[A-Za-z0-9+/]{90,180}=*|EAA[A-Za-z0-9]{60,300}|sl\.(?:u\.)?[\w-]{100,1500}|re_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,30}|fw_(?=\w{0,40}[A-Z])(?=\w{0,40}\d)[A-Za-z0-9]{20,40}|pat[A-Za-z0-9]{14}\.[0-9a-f]{64}|oy2[a-z0-9]{43}|[\w~.-]{3}\dQ~[\w~.-]{31,34}|[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40})(?![\w-])/g,
  },
  {
    label: "PASSWORD HASH",
    pattern:
      /\$(?:1|2[aby]|5|6|7|y|apr1|argon2(?:id?|d))\$(?:[\w.,=/+]{1,60}\$){0,4}[\w./+]{22,200}/g,
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
];
