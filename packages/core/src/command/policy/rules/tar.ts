import type { CommandRule } from "../rule.ts";

/** Only GNU's tar has it: others fail. Without it `host:file` is a file of another machine. */
const forceLocal = "--force-local";

/**
 * Lists an archive, and only members if they are named: `tar -tf FILE [MEMBER...]`, also `-tvf`,
 * `-tzf` and `-tzvf`. For GNU's tar, which runs the decompressor that the archive needs.
 */
export const tarList: readonly CommandRule[] = ["-tf", "-tvf", "-tzf", "-tzvf"].map(
  (operation) => ({
    arguments: {
      prefix: [operation],
      // What follows -f is the archive, whatever it looks like.
      separator: false,
      positionals: { kind: "path", min: 1 },
      insert: { before: [forceLocal] },
    },
  }),
);

/**
 * Packs files and folders: `tar -czf FILE PATH...`, also `-cf`, `-cJf` and `-cjf`. The archive must
 * be named as one (`.tar`, `.tgz`, `.tar.gz`, ...), since it replaces what is there. Links are
 * packed as links. For GNU's tar.
 */
export const tarCreate: readonly CommandRule[] = ["-cf", "-czf", "-cJf", "-cjf"].map(
  (operation) => ({
    arguments: {
      prefix: [operation],
      separator: false,
      positionals: {
        first: [{ path: /.*[^/]\.(tar|tgz|txz|tbz2|tar\.(gz|xz|bz2))/ }],
        kind: "path",
        min: 2,
      },
      insert: { before: [forceLocal] },
    },
  }),
);

/**
 * Unpacks an archive, when `approve` says yes: `tar -xf FILE [-C FOLDER] [--strip-components N]`,
 * also `-xvf`, `-xzf` and `-xzvf`. No file that exists is replaced, and owners and set-user-id bits
 * are not taken over. For GNU's tar, which keeps members with `..`, absolute names or links of the
 * archive itself from leaving the folder.
 *
 * It asks since two things stay open: members are written through a link to elsewhere that was in
 * the folder before, and files may come into being that other programs obey (`.npmrc`, `.git`),
 * for root also devices.
 */
export const tarExtract: readonly CommandRule[] = ["-xf", "-xvf", "-xzf", "-xzvf"].map(
  (operation) => ({
    decision: "ask",
    arguments: {
      prefix: [operation],
      order: "last",
      flags: { "-C": "path", "--directory": "path", "--strip-components": "number" },
      positionals: { kind: "path", min: 1, max: 1 },
      insert: {
        before: [forceLocal, "--keep-old-files", "--no-same-owner", "--no-same-permissions"],
      },
    },
  }),
);
