import type { CommandRule } from "../rule.ts";
import { plain } from "./plain-flags.ts";

const checksum: CommandRule = {
  arguments: {
    // Not -c, which opens the files that a file names.
    flags: plain("-b -t -z --binary --text --tag --zero"),
    order: "anywhere",
    positionals: { kind: "path" },
  },
};

/** Programs that tell what files there are, and about them. None follows a link that it finds. */
export const describeFiles: Readonly<Record<string, CommandRule>> = {
  ls: {
    arguments: {
      flags: {
        ...plain("-l -a -A -1 -h -t -r -S -R -d -p -i -n -s -c -u -U -f -x -C -m -q -g -o -F -k"),
        ...plain("--all --almost-all --directory --human-readable --recursive --reverse --inode"),
        ...plain("--group-directories-first --full-time --color=never --classify"),
        "--sort": ["none", "size", "time", "version", "extension"],
        "--time-style": ["full-iso", "long-iso", "iso"],
      },
      bundling: true,
      order: "anywhere",
      positionals: { kind: "path" },
    },
  },
  stat: {
    arguments: {
      // Not -f and -t, which take a value with BSD's only.
      flags: { "-c": "text", "--format": "text", "--printf": "text" },
      positionals: { kind: "path", min: 1 },
    },
  },
  file: {
    arguments: {
      flags: plain("-b -i -h --brief --mime --mime-type --mime-encoding --no-dereference"),
      bundling: true,
      order: "anywhere",
      positionals: { kind: "path", min: 1 },
    },
  },
  du: {
    arguments: {
      flags: {
        ...plain("-s -h -k -m -a -c -b -x --summarize --human-readable --total --all --bytes"),
        ...plain("--apparent-size --one-file-system"),
        ...{ "-d": "number", "--max-depth": "number" },
      },
      bundling: true,
      order: "anywhere",
      positionals: { kind: "path" },
    },
  },
  sha1sum: checksum,
  sha256sum: checksum,
  sha512sum: checksum,
  md5sum: checksum,
};

/**
 * `diff` of two files or folders. Even of two files one may be found in a folder (`diff FILE
 * FOLDER`) and be a link there, so links are compared as links, also those named as arguments.
 * busybox's cannot do that and fails.
 */
export const compareFiles: CommandRule = {
  arguments: {
    flags: {
      ...plain("-u -q -r -N -i -w -b -B -y -a -s -c -p --brief --recursive --unified --new-file"),
      ...plain("--ignore-case --ignore-all-space --ignore-space-change --ignore-blank-lines"),
      ...plain("--minimal --side-by-side --text --report-identical-files --color=never"),
      ...{ "-U": "number", "-C": "number", "-W": "number", "-x": /[^/]+/, "--exclude": /[^/]+/ },
    },
    bundling: true,
    order: "anywhere",
    positionals: { kind: "path", min: 2, max: 2 },
    insert: { before: ["--no-dereference"] },
  },
};
