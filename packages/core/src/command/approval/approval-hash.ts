import { createHash } from "node:crypto";
import { canonicalJson } from "../../schema/canonical-json.ts";
import type { CommandGrant } from "../policy/policy.ts";

/** SHA-256, in hex, of everything that a grant lets run, in canonical JSON; of a sandbox its name. */
export function approvalHash(grant: CommandGrant): string {
  const { executable, argv, cwd, env, limits, leftovers, sandbox } = grant;
  const text = canonicalJson({
    ...{ executable, argv, cwd, env, limits, leftovers },
    sandbox: sandbox?.name,
  });
  return createHash("sha256").update(text).digest("hex");
}
