import type { Background, BackgroundOptions } from "@meanwhile/ai-sdk";
import type { Benchmark, Line, Measures } from "../harness/benchmark.ts";
import { median } from "../harness/statistics.ts";
import { nextTurn } from "../work/timing.ts";

const owed = 100;
const samples = (quick: boolean): number => (quick ? 10 : 100);

type Limits = Omit<BackgroundOptions, "session">;
type Turn = typeof import("../work/chat-turn.ts")["plainTurn"];

const byDefault: Limits = {};
const allAtOnce: Limits = { limit: owed, maxChars: 100_000 };

/** One turn of a chat, from its beginning to the first word, on a model that is instant. */
export const benchmark: Benchmark = {
  title: `The first token of a chat's turn (AI SDK, SQLite FULL), with results of 300 characters`,
  contenders: {
    async streamText({ quick }) {
      const { firstToken, plainTurn } = await import("../work/chat-turn.ts");
      return { none: await middle(quick, () => firstToken(plainTurn)) };
    },
    async attach({ folder, quick }) {
      const { attachedTurn } = await import("../work/chat-turn.ts");
      return measure(folder, quick, attachedTurn);
    },
    async streamTurn({ folder, quick }) {
      const { storedTurn } = await import("../work/chat-turn.ts");
      return measure(folder, quick, storedTurn);
    },
  },
  lines: [
    line("attach", "none", "nothing pending"),
    line("attach", "some", `${owed} pending, 20 told in the first step`),
    line("attach", "all", `${owed} pending, all told in the first step`),
    line("streamTurn", "none", "nothing pending"),
    line("streamTurn", "some", `${owed} pending, 20 told in the first step`),
    line("streamTurn", "all", `${owed} pending, all told in the first step`),
  ],
};

function line(contender: "attach" | "streamTurn", measure: string, what: string): Line {
  return {
    what: `\`${contender}\`, ${what}`,
    unit: "ms",
    ours: { contender, measure },
    beside: { name: "the call without it", contender: "streamText", measure: "none" },
  };
}

async function measure(
  folder: string,
  quick: boolean,
  turnOf: (background: Background) => Turn,
): Promise<Measures> {
  const { openDurable } = await import("../work/open-durable.ts");
  const { createBackground } = await import("@meanwhile/ai-sdk");
  const { firstToken } = await import("../work/chat-turn.ts");
  const manager = await openDurable(folder, 8);
  const session = manager.session("chat");
  const text = "The tide is high. ".repeat(20).slice(0, 300);
  const take = async (pending: number, limits: Limits): Promise<number> => {
    for (let count = 0; count < pending; count += 1) await session.start(() => text);
    while (session.notifications.pending() < pending) await nextTurn();
    const ms = await firstToken(turnOf(createBackground(manager, { session: "chat", ...limits })));
    while (session.notifications.pending() > 0) await session.notifications.drain(() => {});
    return ms;
  };
  return {
    none: await middle(quick, () => take(0, byDefault)),
    some: await middle(quick, () => take(owed, byDefault)),
    all: await middle(quick, () => take(owed, allAtOnce)),
  };
}

async function middle(quick: boolean, once: () => Promise<number>): Promise<number> {
  const all: number[] = [];
  const warmUp = samples(quick) / 2;
  while (all.length < warmUp + samples(quick)) all.push(await once());
  return median(all.slice(warmUp));
}
