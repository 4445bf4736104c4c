import type { CommandRule } from "../rule.ts";

/**
 * Exactly `npm test` and `npm run test`. It runs whatever the script `test` of the workspace's
 * package.json says, in a shell that its .npmrc may choose, so who can write them can run anything:
 * use it where that is meant, with a sandbox. Nothing can be added, as arguments to the script
 * neither.
 */
export const npmTest: CommandRule = { arguments: [["test"], ["run", "test"]] };
