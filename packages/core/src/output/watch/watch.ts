import type { Alarms } from "../../clock/alarms.ts";
import type { Clock } from "../../clock/clock.ts";
import { cleanOutput } from "../../render/render-output.ts";
import type { Pattern } from "../pattern/pattern.ts";
import { createFindings, type Findings } from "./findings.ts";
import { type ByteSource, createLineReader, type Lines } from "./line-reader.ts";
import { createTokenBucket } from "./token-bucket.ts";

/** A search for one pattern in what a task prints, while it runs. */
export interface Watch {
  readonly pattern: Pattern;
  /** The byte up to which everything was told. */
  readonly told: number;
  /** Looks at what is left and tells it, until then by the monotonic clock. Never rejects. */
  finish(until: number): Promise<void>;
  stop(): void;
}

/** What a watch needs. */
export interface WatchPort {
  readonly output: ByteSource & { size(): number };
  readonly clock: Clock;
  readonly alarms: Alarms;
  /** Known secret values. A pattern is looked for in text without them, lest it spell them out. */
  readonly redact: readonly string[];
  /** Owes the session a notification, and stores how far the watch has come. */
  tell(text: string): Promise<void>;
  /** The watch ends before its task. Called before it tells so. */
  ended(): void;
  report(error: unknown): void;
}

/** Milliseconds between looks: the first while output comes, the second when it has ceased. */
const lookMs = { fast: 100, slow: 300 };
/** How long matching lines are gathered: after the first one, and after a notification. */
const gatherMs = { first: 100, further: 5_000 };
const bucket = { burst: 5, refillMs: 10_000 };
/** It ends after so many lines that were only counted, and after so long without a token. */
const flood = { lines: 1_000, ms: 60_000 };
/** Steps of a search in one turn of the event loop: a few milliseconds. */
const stepsEachTurn = 50_000;

/**
 * Looks at the output from the byte `from` on. Lines are matched as they would be shown: without
 * control sequences and secrets. The work is done in small pieces, each in a turn of the event loop
 * of its own.
 */
export function startWatch(port: WatchPort, pattern: Pattern, from: number): Watch {
  const { output, clock, alarms } = port;
  const lines = createLineReader(output, from);
  const tokens = createTokenBucket(clock, bucket);
  let findings = createFindings();
  let scanned = from;
  let told = from;
  let hasTold = false;
  let quietUntil = 0;
  let countedLines = 0;
  let throttledSince: number | undefined;
  let size = -1;
  let delayMs = lookMs.fast;
  let restSeen = -1;
  let deadline = Number.POSITIVE_INFINITY;
  let finishing = false;
  let over = false;
  let cancel = (): void => {};
  let looking: Promise<void> = Promise.resolve();

  function arm(): void {
    if (over || finishing) return;
    cancel = alarms.after(
      delayMs,
      () => {
        looking = look();
      },
      false,
    );
  }

  async function look(): Promise<void> {
    try {
      const before = size;
      size = output.size();
      const rest = size === before;
      delayMs = rest ? Math.min(delayMs * 1.5, lookMs.slow) : lookMs.fast;
      // A line without an end is looked at once the program pauses, such as a question.
      if (!rest || restSeen !== size) await read(rest);
      if (rest) restSeen = size;
      await tellIfDue();
    } catch (error) {
      port.report(error);
    }
    arm();
  }

  /** True when all that there is was looked at. */
  async function read(rest: boolean): Promise<boolean> {
    for (;;) {
      const found = await lines.next({ rest });
      if (found === undefined) return true;
      if (!(await search(found))) return false;
      scanned = lines.after;
      if (found.unfinished) return true;
      await tellIfDue();
    }
  }

  /** False when it was broken off. */
  async function search({ text, start, unfinished }: Lines): Promise<boolean> {
    const shown = cleanOutput(text, port.redact).text;
    let left = 0;
    for (const line of shown.split("\n")) {
      const begun = pattern.search(line);
      let end: number | undefined;
      let counted = 0;
      while (end === undefined) {
        if (left <= 0) {
          await turn(clock);
          if (over || clock.monotonic() >= deadline) return false;
          left = stepsEachTurn;
        }
        end = begun.run(left);
        left -= begun.steps - counted;
        counted = begun.steps;
      }
      if (end === -1) continue;
      findings.add(line, end, { at: clock.monotonic(), byte: start });
      if (unfinished) lines.skipLine();
    }
    return true;
  }

  async function tellIfDue(): Promise<void> {
    const now = clock.monotonic();
    if (findings.count === 0 || now < findings.since + gatherMs.first || now < quietUntil) return;
    if (tokens.available() === bucket.burst) countedLines = 0;
    if (tokens.available() >= 2) throttledSince = undefined;
    const tooMany = hasTold && countedLines + findings.unshown > flood.lines;
    if (!tooMany && tokens.take()) return tell("");
    throttledSince ??= now;
    if (!tooMany && now - throttledSince < flood.ms) return;
    over = true;
    port.ended();
    const why = tooMany
      ? "There are too many of them"
      : "They have been coming without a pause for a minute";
    await tell(`\n(${why}, so the watch ends. ${readOn(findings)})`);
  }

  async function tell(remark: string): Promise<void> {
    const { text, unshown } = findings;
    const before = told;
    told = scanned;
    try {
      await port.tell(text + remark);
    } catch (error) {
      told = before;
      throw error;
    }
    hasTold = true;
    countedLines += unshown;
    quietUntil = clock.monotonic() + gatherMs.further;
    findings = createFindings();
  }

  function readOn({ unshown, unshownFrom }: Findings): string {
    return `Read on with read_task and after: ${unshown > 0 ? unshownFrom : scanned}.`;
  }

  async function finish(until: number): Promise<void> {
    finishing = true;
    deadline = until;
    cancel();
    await looking;
    if (over) return;
    try {
      const remark = (await read(true))
        ? ""
        : `\n(What follows was not looked at. Read it with read_task and after: ${scanned}.)`;
      if (findings.count > 0 || remark !== "") await tell(remark);
    } catch (error) {
      port.report(error);
    }
    over = true;
  }

  arm();
  return {
    pattern,
    get told() {
      return told;
    },
    finish,
    stop() {
      over = true;
      cancel();
    },
  };
}

function turn(clock: Clock): Promise<void> {
  return new Promise((resolve) => clock.immediate(resolve));
}
