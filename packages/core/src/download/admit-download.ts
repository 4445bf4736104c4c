import { literalRefusal } from "./address-guard.ts";
import { type DownloadInput, invalid, parseUrl } from "./input.ts";
import type { DownloadSettings } from "./options.ts";
import { findTarget } from "./target.ts";

/**
 * Refuses what can be seen to be wrong without asking the network. All of it is checked again
 * when the task runs.
 * @throws MeanwhileError `INVALID_INPUT`
 */
export async function admitDownload(
  input: DownloadInput,
  settings: DownloadSettings,
): Promise<void> {
  const url = parseUrl(input.url);
  const refusal = settings.isAllowed(url) ? undefined : literalRefusal(url);
  if (refusal !== undefined) throw invalid(refusal);
  await findTarget(settings.directory ?? process.cwd(), input.path);
}
