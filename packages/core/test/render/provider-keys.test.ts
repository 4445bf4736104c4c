import assert from "node:assert/strict";
import { test } from "vitest";
import { renderOutput } from "../../src/render/render-output.ts";

const letters = (length: number): string =>
  "aB1cD2eF3gH4iJ5kL6mN7oP8qR9sT0uV".repeat(9).slice(0, length);
const hex = (length: number): string => "3456789abcdef012".repeat(20).slice(0, length);

/** Each with letters or digits that must not be seen. */
const keys: readonly (readonly [string, string])[] = [
  ["Airtable", `pat${letters(14)}.${hex(64)}`],
  ["Atlassian", `ATATT3xFfGF0${letters(100)}`],
  ["Azure's directory", `abc8Q~${letters(34)}`],
  ["Bitbucket", `ATBB${letters(32)}`],
  ["Brevo", `xkeysib-${hex(64)}-${letters(16)}`],
  ["Discord", `MTA${letters(23)}.Gabcde.${letters(38)}`],
  ["Doppler", `dp.st.dev_a.${letters(43)}`],
  ["Dropbox", `sl.${letters(130)}`],
  ["E2B", `e2b_${hex(40)}`],
  ["Facebook", `EAACEdEose0cBA${letters(90)}`],
  ["Figma", `figd_${letters(40)}`],
  ["Firecrawl", `fc-${hex(32)}`],
  ["Fireworks", `fw_${letters(24)}`],
  ["Fly", `fo1_${letters(43)}`],
  ["GitLab's runners", `GR1348941${letters(20)}`],
  ["GitLab's jobs", `glcbt-64_${letters(20)}`],
  ["Grafana's cloud", `glc_${letters(60)}`],
  ["LangSmith", `lsv2_pt_${hex(32)}_${hex(10)}`],
  ["Mailgun", `key-${hex(32)}`],
  ["Netlify", `nfp_${letters(36)}`],
  ["New Relic", `NRAK-${letters(27).toUpperCase()}`],
  ["Notion", `ntn_${letters(46)} secret_${letters(43)}`],
  ["NuGet", `oy2${letters(43).toLowerCase()}`],
  ["OpenRouter", `sk-or-v1-${hex(64)}`],
  ["Perplexity", `pplx-${letters(48)}`],
  ["Pinecone", `pcsk_${letters(60)}`],
  ["PlanetScale", `pscale_tkn_${letters(43)}`],
  ["Pulumi", `pul-${hex(40)}`],
  ["Replicate", `r8_${letters(37)}`],
  ["Resend", `re_${letters(8)}_${letters(24)}`],
  ["RubyGems", `rubygems_${hex(48)}`],
  ["Sentry", `sntrys_${letters(80)}`],
  ["Square", `sq0atp-${letters(22)} sq0csp-${letters(43)}`],
  ["Supabase", `sbp_${hex(40)}`],
  ["Tavily", `tvly-${letters(32)}`],
  ["Twilio", `SK${hex(32)}`],
  ["a hash of a password", `root:$6$abcd$${letters(86)}:19000:`],
  ["PuTTY's file", `Private-Lines: 1\n${letters(48)}\nPrivate-MAC: x`],
  [
    "SSH2's file",
    `---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n${letters(40)}\n---- END SSH2 ENCRYPTED PRIVATE KEY ----`,
  ],
  ["a JSON Web Key", `{"kty":"EC","d":"${letters(43)}"}`],
];

test.each(keys)("a key of %s is not shown", (_whose, key) => {
  for (const input of [key, `KEY: ${key}\n`, `"${key}"`]) {
    const { text, redacted } = renderOutput(input);
    assert.ok(redacted > 0);
    assert.doesNotMatch(text, /B1cD2eF|b1cd2ef|B1CD2EF|56789abc/);
  }
});

const values: readonly (readonly [string, string])[] = [
  ["JSON within JSON", '{\\"password\\":\\"hunter2\\",\\"a\\":1}'],
  ["XML", "<db:password>hunter2</db:password>"],
  ["the settings of .NET", '<add key="MyApiKey" value="hunter2"/>'],
  ["a secret of Kubernetes", "data:\n  password: aHVudGVyMg=="],
  ["a short name", "SMTP_PASS=hunter2"],
  ["sshpass", "sshpass -p hunter2 ssh host"],
  ["mysql", "mysqldump -u root -phunter2 db"],
  ["a signature without its address", `sig=${letters(43)}%3D`],
  ["a short basic authorization", "authorization: Basic aHVudGVyMg"],
];

test.each(values)("a value in %s is not shown", (_where, input) => {
  assert.doesNotMatch(renderOutput(input).text, /hunter2|aHVu|B1cD2eF/);
});
