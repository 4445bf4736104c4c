import { expect, test } from "vitest";
import { embeddedDispatcher } from "../../src/dispatch/embedded.ts";
import { testDispatcher } from "../../src/testing/index.ts";
import { pick, seeded } from "../support/seeded.ts";

testDispatcher({ name: "embeddedDispatcher", test, create: embeddedDispatcher });

interface Claim {
  readonly session: string;
  readonly limit: number;
  readonly done: (taken: number, nextAt: number | null) => void;
}

function setUp(limits = { concurrency: 3, perSession: 2 }) {
  const claims: Claim[] = [];
  const alarms: { at: number; callback: () => void }[] = [];
  let pokes = 0;
  const dispatcher = embeddedDispatcher(
    {
      claim: (session, limit, done) => void claims.push({ session, limit, done }),
      at(at, callback) {
        const alarm = { at, callback };
        alarms.push(alarm);
        return () => void alarms.splice(alarms.indexOf(alarm), 1);
      },
      poke() {
        pokes += 1;
      },
    },
    limits,
  );
  const pumped = (): (readonly [string, number])[] => {
    dispatcher.pump();
    return claims.map(({ session, limit }) => [session, limit] as const);
  };
  return { dispatcher, claims, alarms, pumped, pokes: () => pokes };
}

test("claims for the sessions in turn, within both caps", () => {
  const { dispatcher, pumped } = setUp({ concurrency: 5, perSession: 2 });
  dispatcher.offer("a", 10);
  dispatcher.offer("b", 10);
  dispatcher.offer("c", 10);
  expect(pumped()).toEqual([
    ["a", 2],
    ["b", 2],
    ["c", 1],
  ]);
});

test("asks to be pumped when there is something to do", () => {
  const { dispatcher, pokes } = setUp();
  dispatcher.offer("a", 1);
  expect(pokes()).toBe(1);
});

test("a slot that is free goes to the session that has waited longest", () => {
  const { dispatcher, claims, pumped } = setUp({ concurrency: 1, perSession: 1 });
  dispatcher.offer("a", 5);
  dispatcher.offer("b", 1);
  expect(pumped()).toEqual([["a", 1]]);
  claims.pop()?.done(1, null);
  dispatcher.free("a");
  expect(pumped()).toEqual([["b", 1]]);
});

test("a claim that comes back short gives its slots back, and is tried again at the time it names", () => {
  const { dispatcher, claims, alarms, pumped } = setUp();
  dispatcher.offer("a", 2);
  expect(pumped()).toEqual([["a", 2]]);
  claims.pop()?.done(0, 500);
  expect(pumped()).toEqual([]);
  expect(alarms.map(({ at }) => at)).toEqual([500]);
  alarms.pop()?.callback();
  expect(pumped()).toEqual([["a", 2]]);
});

test("a task may start at once only where nothing of its session waits and a slot is free", () => {
  const { dispatcher } = setUp();
  expect(dispatcher.reserve("a")).toBe(true);
  expect(dispatcher.reserve("a")).toBe(true);
  expect(dispatcher.reserve("a")).toBe(false);
  dispatcher.offer("b", 1);
  expect(dispatcher.reserve("b")).toBe(false);
  expect(dispatcher.reserve("c")).toBe(true);
  expect(dispatcher.reserve("d")).toBe(false);
  dispatcher.free("a");
  expect(dispatcher.reserve("d")).toBe(true);
});

test("occupied slots count, even beyond the cap", () => {
  const { dispatcher, pumped } = setUp({ concurrency: 1, perSession: 1 });
  dispatcher.occupy("a");
  dispatcher.occupy("a");
  dispatcher.offer("b", 1);
  expect(pumped()).toEqual([]);
  dispatcher.free("a");
  expect(pumped()).toEqual([]);
  dispatcher.free("a");
  expect(pumped()).toEqual([["b", 1]]);
});

test("once stopped it claims nothing and leaves no alarm", () => {
  const { dispatcher, claims, alarms, pumped } = setUp();
  dispatcher.offer("a", 1);
  dispatcher.pump();
  claims.pop()?.done(0, 500);
  dispatcher.offer("b", 1);
  dispatcher.stop();
  expect(pumped()).toEqual([]);
  expect(alarms).toEqual([]);
  expect(dispatcher.reserve("c")).toBe(false);
  dispatcher.offer("c", 1);
  expect(pumped()).toEqual([]);
});

test("whatever happens, the caps hold and no runnable task is forgotten", () => {
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const limits = { concurrency: 4, perSession: 2 };
    const { dispatcher, claims, alarms } = setUp(limits);
    const sessions = ["a", "b", "c"];
    const runnable = new Map(sessions.map((session) => [session, 0]));
    const running = new Map(sessions.map((session) => [session, 0]));
    const withdraws: (() => void)[] = [];
    const count = (map: Map<string, number>, session: string, by: number): void =>
      void map.set(session, (map.get(session) ?? 0) + by);
    const total = (): number => [...running.values()].reduce((sum, one) => sum + one, 0);
    const answer = (claim: Claim): void => {
      const taken = Math.min(claim.limit, runnable.get(claim.session) ?? 0);
      count(runnable, claim.session, -taken);
      count(running, claim.session, taken);
      claim.done(taken, null);
    };
    const step = (): void => {
      const session = pick(random, sessions);
      const choice = random();
      if (choice < 0.4) {
        const tasks = 1 + Math.floor(random() * 4);
        count(runnable, session, tasks);
        dispatcher.offer(session, tasks);
      } else if (choice < 0.5 && dispatcher.reserve(session)) count(running, session, 1);
      else if (choice < 0.75 && (running.get(session) ?? 0) > 0) {
        count(running, session, -1);
        dispatcher.free(session);
      } else if (choice < 0.85) {
        // Work that waits, and wants to go on later, unless it is withdrawn.
        if ((running.get(session) ?? 0) > 0) {
          count(running, session, -1);
          dispatcher.free(session);
          withdraws.push(dispatcher.resume(session, () => count(running, session, 1)));
        } else withdraws.splice(Math.floor(random() * withdraws.length), 1)[0]?.();
      } else dispatcher.pump();
      if (random() < 0.5) for (const claim of claims.splice(0)) answer(claim);
      expect(total()).toBeLessThanOrEqual(limits.concurrency);
      for (const of of running.values()) expect(of).toBeLessThanOrEqual(limits.perSession);
    };
    for (let round = 0; round < 100; round += 1) step();
    for (let round = 0; round < 1_000; round += 1) {
      for (const claim of claims.splice(0)) answer(claim);
      for (const session of sessions) {
        if ((running.get(session) ?? 0) === 0) continue;
        count(running, session, -1);
        dispatcher.free(session);
      }
      dispatcher.pump();
    }
    expect([...runnable.values()], `seed ${seed}`).toEqual([0, 0, 0]);
    expect(alarms).toEqual([]);
  }
});
