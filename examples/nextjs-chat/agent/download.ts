import { join } from "node:path";
import { type DownloadInput, downloadTask } from "@meanwhile/core";
import { sampleOrigin } from "../sample/sample-origin.ts";
import { stateFolder } from "../server/state-folder.ts";

const base = downloadTask({
  directory: join(stateFolder, "downloads"),
  maxBytes: 100 * 1024 * 1024,
  allowPrivate: [new URL(sampleOrigin).host],
});

/** Each chat's files go to a folder of its own, so that no chat learns what another one has. */
const within = (session: string, input: DownloadInput): DownloadInput => ({
  ...input,
  path: `${session}/${input.path}`,
  overwrite: true,
});

export const download: typeof base = {
  ...base,
  admit: async (input, context) => base.admit?.(within(context.session, input), context),
  run: (input, context) => base.run(within(context.task.session, input), context),
};
