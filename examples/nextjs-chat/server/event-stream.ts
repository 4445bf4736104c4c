const beatMs = 15_000;

/** A response of server-sent events, until the client leaves; then what `begin` gave is called. */
export function eventStream(
  signal: AbortSignal,
  begin: (send: (event: string, data: unknown) => void) => () => void,
): Response {
  const encoder = new TextEncoder();
  let end = (): void => {};
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      let isOpen = true;
      const write = (text: string): void => {
        if (isOpen) controller.enqueue(encoder.encode(text));
      };
      // How soon to come back when the server was away.
      write("retry: 1000\n\n");
      const beat = setInterval(() => write(":\n\n"), beatMs);
      const stop = begin((event, data) =>
        write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`),
      );
      end = () => {
        if (!isOpen) return;
        isOpen = false;
        clearInterval(beat);
        stop();
      };
      signal.addEventListener("abort", end, { once: true });
    },
    cancel: () => end(),
  });
  return new Response(body, {
    headers: {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-cache, no-transform",
      "X-Accel-Buffering": "no",
    },
  });
}
