import type { TaskContext } from "../task/context.ts";
import { planFor, type Representation } from "./answer.ts";
import { readBody } from "./body.ts";
import { downloadError, Interruption } from "./failure.ts";
import type { DownloadSettings } from "./options.ts";
import type { PartFile } from "./part-file.ts";
import { pause } from "./pause.ts";
import { request } from "./request.ts";

export interface Transfer {
  readonly url: URL;
  readonly part: PartFile;
  readonly maxBytes: number;
  readonly settings: DownloadSettings;
  readonly context: TaskContext;
  /** Makes durable what the bytes that follow belong to. */
  save(representation: Representation): Promise<void>;
}

export const unknownRepresentation: Representation = {
  validator: null,
  total: null,
  encoding: null,
};

const longestBackoffMs = 30_000;
const longestRetryAfterMs = 5 * 60_000;

/** What is in the part file. */
export interface TransferState {
  /** What the bytes belong to. */
  known: Representation;
  /** How many of them an earlier attempt brought. */
  resumedFrom: number;
  /** True when they come from more than one answer. */
  pieced: boolean;
}

/**
 * Brings every byte of the URL into the part file, going on from its `state`, also after
 * interruptions.
 *
 * @throws MeanwhileError `DOWNLOAD`; the signal's reason.
 */
export async function transfer(job: Transfer, state: TransferState): Promise<void> {
  const { part, settings, context } = job;
  let furthest = part.size;
  for (let interruptions = 0; ; ) {
    try {
      if (await makeRequest(job, state)) return;
    } catch (error) {
      if (!(error instanceof Interruption)) throw error;
      interruptions = part.size > furthest ? 1 : interruptions + 1;
      furthest = Math.max(furthest, part.size);
      if (interruptions > settings.retries) throw exhausted(error, interruptions, part.size);
      const delayMs = delayOf(error, interruptions, settings);
      report(
        job,
        state,
        `Interrupted (${error.message}), goes on in ${Math.ceil(delayMs / 1_000)} s`,
      );
      await pause(delayMs, context);
    }
  }
}

/** Asks once for what is missing. True when nothing is missing any more. */
async function makeRequest(job: Transfer, state: TransferState): Promise<boolean> {
  const { part, context, settings } = job;
  const { validator, total } = state.known;
  if (part.size === total) return true;
  const offset = validator === null ? 0 : part.size;
  const headers =
    validator === null || offset === 0 ? {} : { Range: `bytes=${offset}-`, "If-Range": validator };
  const requestContext = { settings, signal: context.signal, clock: context.clock };
  const response = await request(job.url, headers, requestContext);
  const status = response.statusCode ?? 0;
  try {
    const plan = planFor(
      { status, headers: response.headers },
      offset,
      state.known,
      context.clock.now(),
    );
    switch (plan.type) {
      case "fail":
        throw downloadError(
          `The server answered with HTTP status ${status}: ${plan.reason}. Check the URL.`,
          { details: { httpStatus: status } },
        );
      case "retry":
        throw new Interruption(`HTTP status ${status}`, {
          retryAfterMs: plan.retryAfterMs,
          details: { httpStatus: status },
        });
      case "start-over":
        await startOver(job, state);
        return false;
      case "replace":
        await startOver(job, state, plan.representation);
        break;
      case "append":
        state.known = { ...state.known, total: plan.total };
        state.pieced = true;
        break;
    }
    checkSize(state.known.total, job.maxBytes);
    report(job, state);
    await readBody(response, requestContext, (chunk) => take(chunk, job, state));
  } finally {
    response.destroy();
  }
  const end = state.known.total;
  if (end !== null && part.size < end) {
    throw new Interruption(`the server ended after ${part.size} of ${end} bytes`);
  }
  return true;
}

/** The file is emptied before the new validator is saved: old bytes never pass for new ones. */
export async function startOver(
  job: Transfer,
  state: TransferState,
  representation: Representation = unknownRepresentation,
): Promise<void> {
  if (job.part.size > 0) await job.part.startOver();
  state.known = representation;
  state.resumedFrom = 0;
  state.pieced = false;
  await job.save(representation);
}

async function take(chunk: Uint8Array, job: Transfer, state: TransferState): Promise<void> {
  const size = job.part.size + chunk.length;
  checkSize(size, job.maxBytes);
  if (state.known.total !== null && size > state.known.total) {
    await startOver(job, state);
    throw new Interruption("the server sent more bytes than it announced");
  }
  await job.part.append(chunk);
  report(job, state);
}

function checkSize(bytes: number | null, maxBytes: number): void {
  if (bytes === null || bytes <= maxBytes) return;
  throw downloadError(
    `The file is larger than the limit of ${maxBytes} bytes. Choose a smaller file, or raise "maxBytes" where it was given.`,
    { details: { maxBytes } },
  );
}

function report({ part, context }: Transfer, { known }: TransferState, message?: string): void {
  context.report({
    completed: part.size,
    ...(known.total === null ? {} : { total: known.total }),
    ...(message === undefined ? {} : { message }),
  });
}

function delayOf(error: Interruption, interruptions: number, settings: DownloadSettings): number {
  const backoff = Math.min(settings.retryDelayMs * 2 ** (interruptions - 1), longestBackoffMs);
  const asked = error.retryAfterMs ?? 0;
  if (asked > longestRetryAfterMs) {
    const seconds = Math.ceil(asked / 1_000);
    throw downloadError(
      `The server asks to wait ${seconds} seconds (${error.message}). Start the download again then.`,
      { cause: error, details: { ...error.details, retryAfterMs: asked } },
    );
  }
  return Math.max(asked, backoff);
}

function exhausted(error: Interruption, interruptions: number, bytes: number): Error {
  return downloadError(
    `The download was given up after ${interruptions} interruption${interruptions === 1 ? "" : "s"} in a row, the last: ${error.message}. Check the URL, or start it again later.`,
    { cause: error, details: { ...error.details, bytes } },
  );
}
