import type { TaskDefinition } from "../task/definition.ts";
import { type DownloadInput, type DownloadOutput, downloadInputSchema } from "./input.ts";
import { type DownloadOptions, downloadSettings } from "./options.ts";

export type { DownloadInput, DownloadOptions, DownloadOutput };

/** The task `download` with its default settings. */
export const download: TaskDefinition<DownloadInput, DownloadOutput, DownloadInput> =
  downloadTask();

/**
 * The task `download` with settings of its own: fetches an http or https URL into a file.
 *
 * The bytes go to `<target>.<task id>.part` beside the target, which gets its name when they are
 * all there and right. After an interruption, and after a restart of the process, the transfer
 * goes on where it was as far as the server can say that the file is still the same. Addresses
 * that are not public are refused unless `allowPrivate` has them, after every redirect too.
 *
 * Its task fails with `DOWNLOAD` when the file cannot be had, and with `INVALID_INPUT` when the
 * path leads out of the directory. A failed or cancelled one leaves no file behind.
 *
 * @throws MeanwhileError `INVALID_OPTION`
 */
export function downloadTask(
  options: DownloadOptions = {},
): TaskDefinition<DownloadInput, DownloadOutput, DownloadInput> {
  const settings = downloadSettings(options);
  return {
    name: "download",
    description: "Downloads a file over http(s) to a path. Returns its path, size and SHA-256.",
    input: downloadInputSchema,
    recover: "restart",
    // Long enough to delete the part file, so that a cancelled task leaves nothing behind.
    stopGraceMs: 2_000,
    title: ({ path }) => `Download ${path}`,
    admit: async (input) => {
      const { admitDownload } = await import("./admit-download.ts");
      await admitDownload(input, settings);
    },
    run: async (input, context) => {
      const { runDownload } = await import("./run-download.ts");
      return runDownload(input, context, settings);
    },
  };
}
