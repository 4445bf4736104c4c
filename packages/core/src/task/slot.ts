import type { Dispatcher } from "../dispatch/dispatcher.ts";

/** The slot of an attempt that waits at times: held whenever its work goes on. */
export class Slot {
  readonly #dispatcher: Dispatcher;
  readonly #session: string;
  #held = true;
  #ended = false;
  /** Set while it is asked for. */
  #withdraw: (() => void) | undefined;

  constructor(dispatcher: Dispatcher, session: string) {
    this.#dispatcher = dispatcher;
    this.#session = session;
  }

  get held(): boolean {
    return this.#held;
  }

  release(): void {
    this.#held = false;
    this.#dispatcher.free(this.#session);
  }

  /**
   * Resolves once the slot is held again, or the work has ended. Work whose signal aborts goes on
   * at once, to stop, so it holds a slot at once, beyond the limits if need be.
   */
  regain(signal: AbortSignal): Promise<void> {
    if (this.#ended) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        signal.removeEventListener("abort", insist);
        this.#withdraw = undefined;
        resolve();
      };
      const hold = (): void => {
        this.#held = true;
        done();
      };
      const insist = (): void => {
        this.#withdraw?.();
        this.#dispatcher.occupy(this.#session);
        hold();
      };
      if (signal.aborted) return insist();
      const withdraw = this.#dispatcher.resume(this.#session, hold);
      if (this.#held) return;
      signal.addEventListener("abort", insist);
      this.#withdraw = () => {
        withdraw();
        done();
      };
    });
  }

  /** The work has ended: it holds no slot any more, and gets none. */
  end(): void {
    this.#ended = true;
    if (this.#held) this.release();
    else this.#withdraw?.();
  }
}
