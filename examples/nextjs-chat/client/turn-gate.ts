/** Lets a page fetch messages when there may be some, and never while its own are being answered. */
export interface TurnGate {
  /** There may be messages to fetch. */
  ring(): void;
  /** The page's own message is sent, or answered. */
  setSending(isSending: boolean): void;
  /** Resolves when it is time to fetch, or rejects with the signal's reason. */
  wait(signal: AbortSignal | undefined): Promise<void>;
}

export function createTurnGate(): TurnGate {
  let isDue = false;
  let isSending = false;
  let look = (): void => {};
  return {
    ring() {
      isDue = true;
      look();
    },
    setSending(given) {
      isSending = given;
      look();
    },
    wait: (signal) =>
      new Promise<void>((resolve, reject) => {
        look = () => {
          if (signal?.aborted) return reject(signal.reason);
          if (!isDue || isSending) return;
          isDue = false;
          look = () => {};
          resolve();
        };
        signal?.addEventListener("abort", () => look(), { once: true });
        look();
      }),
  };
}
