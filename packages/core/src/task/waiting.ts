import { MeanwhileError } from "../errors.ts";
import { notWaiting } from "../store/facts.ts";
import type { Attempt, WorkResult } from "./attempt.ts";
import { Slot } from "./slot.ts";
import type { TimeLimit } from "./time-limit.ts";

const longestWhat = 200;
/** What an attempt waits for that could go on but for the limits. */
const itsTurn = "its turn";

/** The waits of one attempt for what is not its work: without a slot, its time standing still. */
export class Waiting {
  readonly #attempt: Attempt;
  readonly #timeLimit: TimeLimit | undefined;
  readonly #slot: Slot;
  #waitedMs: number;
  #for: string | undefined;
  #since = 0;
  #breakOff: ((reason: unknown) => void) | undefined;

  constructor(attempt: Attempt, timeLimit: TimeLimit | undefined, waitedMs: number) {
    const { engine, record } = attempt;
    this.#attempt = attempt;
    this.#timeLimit = timeLimit;
    this.#slot = new Slot(engine.dispatcher, record.session);
    this.#waitedMs = waitedMs;
  }

  /** What is waited for just now. */
  get for(): string | undefined {
    return this.#for;
  }

  /** The work has ended, perhaps without looking at what it waited for. */
  end(): void {
    this.#slot.end();
    this.#breakOff?.(this.#attempt.settledBefore("wait"));
  }

  async during<Value>(what: string, work: () => Value | Promise<Value>): Promise<Value> {
    if (typeof what !== "string" || what.trim() === "" || typeof work !== "function") {
      throw new MeanwhileError("INVALID_INPUT", "waiting takes a text, what for, and a function.");
    }
    if (this.#for !== undefined) {
      throw new MeanwhileError(
        "INVALID_INPUT",
        `The task waits for ${this.#for} already. Wait for one thing at a time.`,
      );
    }
    const { signal } = this.#attempt;
    signal.throwIfAborted();
    const shown = this.#begin(what.trim().slice(0, longestWhat));
    const result = await this.#unlessBroken(signal, async () => {
      // Whoever is asked finds a task that waits.
      await shown;
      signal.throwIfAborted();
      return work();
    });
    await this.#goOn(signal);
    signal.throwIfAborted();
    if (!result.ok) throw result.thrown;
    return result.value as Value;
  }

  #begin(what: string): Promise<void> {
    const { engine, record } = this.#attempt;
    this.#since = engine.clock.now();
    this.#slot.release();
    this.#timeLimit?.stop();
    engine.waiting.add(record.session, 1);
    return this.#show(what);
  }

  #show(what: string): Promise<void> {
    this.#for = what;
    return this.#attempt.updated({ waiting: { for: what, since: this.#since } });
  }

  /** What the work gives or throws; the signal's reason as soon as that aborts. */
  async #unlessBroken(signal: AbortSignal, work: () => Promise<unknown>): Promise<WorkResult> {
    const { promise: broken, reject } = Promise.withResolvers<never>();
    const abort = (): void => reject(signal.reason);
    this.#breakOff = reject;
    signal.addEventListener("abort", abort);
    try {
      return { ok: true, value: await Promise.race([work(), broken]) };
    } catch (thrown) {
      return { ok: false, thrown };
    } finally {
      signal.removeEventListener("abort", abort);
      this.#breakOff = undefined;
    }
  }

  async #goOn(signal: AbortSignal): Promise<void> {
    const { engine, record } = this.#attempt;
    const regained = this.#slot.regain(signal);
    if (!this.#slot.held && !this.#attempt.concluded) void this.#show(itsTurn);
    await regained;
    this.#for = undefined;
    engine.waiting.add(record.session, -1);
    // What was stopped while it waited is still waiting, for whoever takes it up.
    if (signal.aborted || this.#attempt.concluded) return;
    this.#waitedMs += Math.max(engine.clock.now() - this.#since, 0);
    this.#timeLimit?.go();
    this.#attempt.update({ ...notWaiting, waitedMs: this.#waitedMs });
  }
}
