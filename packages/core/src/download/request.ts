import { lookup } from "node:dns";
import type { IncomingMessage, OutgoingHttpHeaders } from "node:http";
import type { Clock } from "../clock/clock.ts";
import { MeanwhileError } from "../errors.ts";
import { guardedLookup, literalRefusal } from "./address-guard.ts";
import { downloadError, Interruption } from "./failure.ts";
import { parseUrl } from "./input.ts";
import type { DownloadSettings } from "./options.ts";

export interface RequestContext {
  readonly settings: DownloadSettings;
  readonly signal: AbortSignal;
  readonly clock: Clock;
}

const maxRedirects = 5;

/**
 * Asks for a URL and follows redirects, each checked like the first. The answer's body is the
 * caller's to read or destroy.
 *
 * @throws Interruption for what may pass; MeanwhileError `DOWNLOAD` for what will not; the
 * signal's reason.
 */
export async function request(
  start: URL,
  headers: OutgoingHttpHeaders,
  context: RequestContext,
): Promise<IncomingMessage> {
  let url = start;
  for (let redirects = 0; redirects <= maxRedirects; redirects += 1) {
    const response = await send(url, headers, context);
    const next = redirectOf(response, url);
    if (next === undefined) return response;
    response.destroy();
    url = next;
  }
  throw downloadError(
    `The URL redirects more than ${maxRedirects} times. Use the address that it leads to.`,
  );
}

async function send(
  url: URL,
  headers: OutgoingHttpHeaders,
  { settings, signal, clock }: RequestContext,
): Promise<IncomingMessage> {
  const free = settings.isAllowed(url);
  const refusal = free ? undefined : literalRefusal(url);
  if (refusal !== undefined) throw downloadError(refusal);
  const { request: open } =
    url.protocol === "https:" ? await import("node:https") : await import("node:http");
  signal.throwIfAborted();
  const { promise, resolve, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = open(url, {
    // A connection of its own: a pooled one could lead to an address that was never checked.
    agent: false,
    headers: { "User-Agent": settings.userAgent, "Accept-Encoding": "identity", ...headers },
    lookup: free ? lookup : guardedLookup(lookup),
    signal,
  });
  const stopTimer = clock.timer(
    () => outgoing.destroy(new Interruption(`no answer for ${settings.stallMs} ms`)),
    settings.stallMs,
    true,
  );
  outgoing.once("response", (response) => {
    // The connection may break before anyone reads the body; the reader is told then.
    response.on("error", () => {});
    resolve(response);
  });
  outgoing.on("error", reject);
  outgoing.end();
  try {
    return await promise;
  } catch (error) {
    throw networkError(error, signal);
  } finally {
    stopTimer();
  }
}

/** What a failed connection means for the download. */
export function networkError(error: unknown, signal: AbortSignal): unknown {
  if (signal.aborted) return signal.reason;
  if (error instanceof Interruption || MeanwhileError.isInstance(error)) return error;
  const code = String((error as NodeJS.ErrnoException).code ?? "connection lost");
  if (/^(ERR_TLS_|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code)) {
    return downloadError(
      `The server's TLS certificate is not valid (${code}). Check the host's name; nothing was stored.`,
      { cause: error, details: { code } },
    );
  }
  return new Interruption(code, { cause: error, details: { code } });
}

function redirectOf(response: IncomingMessage, from: URL): URL | undefined {
  const { statusCode = 0, headers } = response;
  if (![301, 302, 303, 307, 308].includes(statusCode) || headers.location === undefined) {
    return undefined;
  }
  try {
    return parseUrl(URL.parse(headers.location, from.href)?.href ?? "");
  } catch (cause) {
    response.destroy();
    throw downloadError(
      "The URL redirects to an address that is refused: it is no http or https URL without credentials.",
      { cause, details: { httpStatus: statusCode } },
    );
  }
}
