import { createHash } from "node:crypto";
import { lstat, open, rm } from "node:fs/promises";
import { MeanwhileError } from "../errors.ts";
import type { TaskContext } from "../task/context.ts";
import type { Representation } from "./answer.ts";
import { type DownloadCheckpoint, readCheckpoint } from "./checkpoint.ts";
import { downloadError, fileError } from "./failure.ts";
import { hashFile } from "./hash-file.ts";
import { type DownloadInput, type DownloadOutput, parseUrl } from "./input.ts";
import type { DownloadSettings } from "./options.ts";
import { openPartFile, type PartFile, partPathOf } from "./part-file.ts";
import { targetExists } from "./publish-file.ts";
import { makeTarget } from "./target.ts";
import {
  startOver,
  type Transfer,
  type TransferState,
  transfer,
  unknownRepresentation,
} from "./transfer.ts";

/**
 * One attempt at a download. What an earlier attempt left in the part file is used when its
 * checkpoint says what the bytes belong to.
 *
 * @throws MeanwhileError `DOWNLOAD` or `INVALID_INPUT`; the signal's reason.
 */
export async function runDownload(
  input: DownloadInput,
  context: TaskContext,
  settings: DownloadSettings,
): Promise<DownloadOutput> {
  const startedAt = context.clock.monotonic();
  try {
    const outcome = await attempt(input, context, settings);
    return { ...outcome, durationMs: Math.round(context.clock.monotonic() - startedAt) };
  } catch (error) {
    throw fileError(error);
  }
}

async function attempt(
  input: DownloadInput,
  context: TaskContext,
  settings: DownloadSettings,
): Promise<Omit<DownloadOutput, "durationMs">> {
  const { signal } = context;
  const url = parseUrl(input.url);
  const { path } = await makeTarget(settings.directory ?? process.cwd(), input.path);
  const partPath = partPathOf(path, context.task.id);
  const saved = readCheckpoint(context, url.href, partPath);
  if (typeof saved?.sha256 === "string" && (await holds(path, saved.sha256, signal))) {
    // The process died between the file's new name and the task's end.
    await rm(partPath, { force: true });
    return outputOf(path, (await lstat(path)).size, saved.sha256, saved);
  }
  let part: PartFile | undefined;
  try {
    part = await openPartFile(partPath, { resume: saved !== undefined, signal });
    if (input.overwrite !== true && (await exists(path))) throw targetExists();
    const save = (representation: Representation, sha256: string | null = null): Promise<void> =>
      context.checkpoint.save({
        ...representation,
        url: url.href,
        part: partPath,
        sha256,
      } satisfies DownloadCheckpoint);
    const maxBytes = Math.min(input.maxBytes ?? settings.maxBytes, settings.maxBytes);
    const job: Transfer = { url, part, maxBytes, settings, context, save };
    const state = stateOf(part, saved);
    await transferChecked(job, state, input.sha256?.toLowerCase());
    const sha256 = part.sha256();
    await save(state.known, sha256);
    signal.throwIfAborted();
    await part.publish(path, input.overwrite === true);
    const output = outputOf(path, part.size, sha256, state.known);
    return state.resumedFrom === 0 ? output : { ...output, resumedFrom: state.resumedFrom };
  } catch (error) {
    if (goesOnElsewhere(error)) await part?.leave();
    else await (part === undefined ? rm(partPath, { force: true }) : part.remove());
    throw error;
  }
}

function stateOf(part: PartFile, saved: DownloadCheckpoint | undefined): TransferState {
  const known = saved ?? unknownRepresentation;
  // A server may never have said how long the file is; the end of its answer did.
  const isWhole = saved?.sha256 === part.sha256();
  return {
    known: isWhole ? { ...known, total: part.size } : known,
    resumedFrom: part.size,
    pieced: part.size > 0,
  };
}

/** A file that was put together may have been so from bytes of two versions: it gets one more try. */
async function transferChecked(
  job: Transfer,
  state: TransferState,
  expected: string | undefined,
): Promise<void> {
  await transfer(job, state);
  if (expected === undefined || job.part.sha256() === expected) return;
  if (state.pieced) {
    await startOver(job, state);
    await transfer(job, state);
    if (job.part.sha256() === expected) return;
  }
  throw downloadError(
    `The file has the SHA-256 ${job.part.sha256()} and not the expected one, so it was not stored. Check "sha256" and the URL.`,
    { details: { sha256: job.part.sha256() } },
  );
}

function outputOf(
  path: string,
  bytes: number,
  sha256: string,
  { encoding }: Representation,
): Omit<DownloadOutput, "durationMs"> {
  return { path, bytes, sha256, ...(encoding === null ? {} : { contentEncoding: encoding }) };
}

async function exists(path: string): Promise<boolean> {
  return (await lstat(path).catch(() => undefined)) !== undefined;
}

async function holds(path: string, sha256: string, signal: AbortSignal): Promise<boolean> {
  if ((await lstat(path).catch(() => undefined))?.isFile() !== true) return false;
  const file = await open(path, "r");
  try {
    const hash = createHash("sha256");
    await hashFile(file, hash, signal);
    return hash.digest("hex") === sha256;
  } finally {
    await file.close();
  }
}

/** The task lives on under the next owner, who needs the part file. */
function goesOnElsewhere(error: unknown): boolean {
  return (
    MeanwhileError.isInstance(error, "CLOSED") || MeanwhileError.isInstance(error, "LEASE_LOST")
  );
}
