import type { IncomingMessage } from "node:http";
import { Interruption } from "./failure.ts";
import { networkError, type RequestContext } from "./request.ts";

/**
 * Hands the body over chunk by chunk, each once the one before was taken, so that memory stays
 * bounded however fast the server is. Only waiting for the server counts as a stall.
 *
 * @throws Interruption when the connection stalls or ends before the body does; the signal's
 * reason; what `take` throws.
 */
export async function readBody(
  response: IncomingMessage,
  { settings, signal, clock }: RequestContext,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  const chunks = response[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  const stalled = (): void => {
    response.destroy(new Interruption(`no byte for ${settings.stallMs} ms`));
  };
  try {
    for (;;) {
      const stopTimer = clock.timer(stalled, settings.stallMs, true);
      let next: IteratorResult<Uint8Array>;
      try {
        next = await chunks.next();
      } catch (error) {
        const interruption = networkError(error, signal);
        // What had come before the connection broke is still in the stream's buffer.
        const rest = interruption instanceof Interruption ? response.read() : null;
        if (rest !== null) await take(rest);
        throw interruption;
      } finally {
        stopTimer();
      }
      if (next.done === true) return;
      await take(next.value);
    }
  } finally {
    response.destroy();
  }
}
