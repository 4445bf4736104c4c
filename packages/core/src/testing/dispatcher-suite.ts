import assert from "node:assert/strict";
import type { CreateDispatcher, Dispatcher } from "../dispatch/dispatcher.ts";

export interface DispatcherSuiteOptions {
  /** Stands before the name of each test. */
  readonly name: string;
  /** Registers a test: that of vitest, of `node:test`, or another with this shape. */
  readonly test: (name: string, run: () => void | Promise<void>) => unknown;
  readonly create: CreateDispatcher;
}

interface Claim {
  readonly session: string;
  readonly limit: number;
  readonly done: (taken: number, nextAt: number | null) => void;
}

interface Fixture {
  readonly dispatcher: Dispatcher;
  /** The claims made since the last call, after a pump. */
  readonly claims: () => readonly Claim[];
  /** Alarms that are set, by time. */
  readonly alarms: Map<number, () => void>;
}

const limits = { concurrency: 4, perSession: 2 };

const scenarios: Readonly<Record<string, (fixture: Fixture) => void>> = {
  "a task starts at once while its session and the process have slots"({ dispatcher }) {
    assert.equal(dispatcher.reserve("a"), true);
    assert.equal(dispatcher.reserve("a"), true);
    assert.equal(dispatcher.reserve("a"), false);
    assert.equal(dispatcher.reserve("b"), true);
    assert.equal(dispatcher.reserve("c"), true);
    assert.equal(dispatcher.reserve("d"), false);
  },
  "a task does not overtake those that its session has waiting"({ dispatcher }) {
    dispatcher.offer("a", 1);
    assert.equal(dispatcher.reserve("a"), false);
  },
  "claims what fits into the slots of session and process"({ dispatcher, claims }) {
    dispatcher.offer("a", 100);
    assert.deepEqual(shares(claims()), { a: 2 });
    dispatcher.offer("b", 1);
    dispatcher.offer("c", 100);
    assert.deepEqual(shares(claims()), { b: 1, c: 1 });
    assert.deepEqual(claims(), []);
  },
  "sessions take turns"({ dispatcher, claims }) {
    dispatcher.offer("a", 10_000);
    for (const claim of claims()) claim.done(claim.limit, null);
    dispatcher.offer("b", 1);
    dispatcher.offer("c", 1);
    for (const claim of claims()) claim.done(claim.limit, null);
    dispatcher.free("a");
    dispatcher.offer("d", 1);
    // The one free slot goes to a session that asked before "d"; the next one to "d".
    const first = claims();
    assert.equal(first.length, 1);
    for (const claim of first) claim.done(claim.limit, null);
    dispatcher.free("b");
    dispatcher.free("c");
    const sessions = claims().map((claim) => claim.session);
    assert.ok([...sessions, ...first.map((claim) => claim.session)].includes("d"));
  },
  "a freed slot is claimed again"({ dispatcher, claims }) {
    dispatcher.offer("a", 3);
    for (const claim of claims()) claim.done(claim.limit, null);
    assert.deepEqual(claims(), []);
    dispatcher.free("a");
    assert.deepEqual(shares(claims()), { a: 1 });
  },
  "a claim that comes back short frees its slots and is not repeated"({ dispatcher, claims }) {
    dispatcher.offer("a", 5);
    for (const claim of claims()) claim.done(0, null);
    assert.deepEqual(claims(), []);
    assert.equal(dispatcher.reserve("a"), true);
    assert.equal(dispatcher.reserve("a"), true);
  },
  "what waits for its time is claimed then"({ dispatcher, claims, alarms }) {
    dispatcher.offer("a", 1);
    for (const claim of claims()) claim.done(0, 5_000);
    assert.deepEqual([...alarms.keys()], [5_000]);
    alarms.get(5_000)?.();
    assert.equal(claims()[0]?.session, "a");
  },
  "work that goes on already takes a slot, also beyond the limit"({ dispatcher }) {
    for (let task = 0; task < 5; task += 1) dispatcher.occupy("a");
    assert.equal(dispatcher.reserve("b"), false);
    for (let task = 0; task < 2; task += 1) dispatcher.free("a");
    assert.equal(dispatcher.reserve("b"), true);
  },
  "work that gave up its slot gets one again at once while there is one"({ dispatcher }) {
    assert.equal(dispatcher.reserve("a"), true);
    dispatcher.free("a");
    let resumed = 0;
    const withdraw = dispatcher.resume("a", () => {
      resumed += 1;
    });
    assert.equal(resumed, 1);
    // Too late to be withdrawn: the slot is taken.
    withdraw();
    assert.equal(dispatcher.reserve("a"), true);
    assert.equal(dispatcher.reserve("a"), false);
  },
  "work that goes on comes before tasks that have not started, in its order"({
    dispatcher,
    claims,
  }) {
    dispatcher.offer("a", 2);
    dispatcher.offer("b", 2);
    for (const claim of claims()) claim.done(claim.limit, null);
    dispatcher.offer("c", 5);
    const order: string[] = [];
    for (const name of ["c", "d"]) dispatcher.resume(name, () => order.push(name));
    assert.deepEqual(order, []);
    dispatcher.free("a");
    assert.deepEqual([order, claims()], [["c"], []]);
    dispatcher.free("a");
    assert.deepEqual([order, claims()], [["c", "d"], []]);
    dispatcher.free("b");
    assert.deepEqual(shares(claims()), { c: 1 });
  },
  "work that goes on waits for its session's limit, and holds up no other session"({ dispatcher }) {
    for (let task = 0; task < 2; task += 1) assert.equal(dispatcher.reserve("a"), true);
    const order: string[] = [];
    dispatcher.resume("a", () => order.push("a"));
    dispatcher.resume("b", () => order.push("b"));
    assert.deepEqual(order, ["b"]);
    dispatcher.free("a");
    assert.deepEqual(order, ["b", "a"]);
    assert.equal(dispatcher.reserve("a"), false);
  },
  "a session whose turn it was keeps to its limit when work of it went on"({ dispatcher, claims }) {
    assert.equal(dispatcher.reserve("a"), true);
    dispatcher.offer("a", 5);
    dispatcher.resume("a", () => {});
    assert.deepEqual(claims(), []);
    dispatcher.free("a");
    assert.deepEqual(shares(claims()), { a: 1 });
  },
  "slots that a claim did not need go to work that waits"({ dispatcher, claims }) {
    for (const session of ["a", "b", "c", "d"]) dispatcher.offer(session, 1);
    const [first] = claims();
    let resumed = 0;
    dispatcher.resume("e", () => {
      resumed += 1;
    });
    assert.equal(resumed, 0);
    first?.done(0, null);
    assert.equal(resumed, 1);
    assert.equal(dispatcher.reserve("f"), false);
  },
  "what was withdrawn takes no slot"({ dispatcher }) {
    for (let task = 0; task < 2; task += 1) dispatcher.reserve("a");
    const withdraw = dispatcher.resume("a", () => assert.fail("resumed"));
    withdraw();
    withdraw();
    dispatcher.free("a");
    assert.equal(dispatcher.reserve("a"), true);
  },
  "after stop work that waits can still go on"({ dispatcher }) {
    for (let task = 0; task < 2; task += 1) dispatcher.reserve("a");
    const order: number[] = [];
    dispatcher.resume("a", () => order.push(1));
    dispatcher.stop();
    dispatcher.resume("a", () => order.push(2));
    dispatcher.free("a");
    assert.deepEqual(order, [1]);
    dispatcher.free("a");
    assert.deepEqual(order, [1, 2]);
  },
  "after stop nothing is claimed and no alarm is left"({ dispatcher, claims, alarms }) {
    dispatcher.offer("a", 1);
    for (const claim of claims()) claim.done(0, 5_000);
    dispatcher.stop();
    dispatcher.offer("a", 1);
    assert.deepEqual(claims(), []);
    assert.equal(dispatcher.reserve("a"), false);
    assert.equal(alarms.size, 0);
  },
};

/** The contract of a `Dispatcher` as tests: registers them with the test runner that is given. */
export function testDispatcher(options: DispatcherSuiteOptions): void {
  for (const [name, scenario] of Object.entries(scenarios)) {
    options.test(`${options.name}: ${name}`, () => scenario(fixture(options.create)));
  }
}

function fixture(create: CreateDispatcher): Fixture {
  let made: Claim[] = [];
  const alarms = new Map<number, () => void>();
  const dispatcher = create(
    {
      claim: (session, limit, done) => made.push({ session, limit, done }),
      at(time, callback) {
        alarms.set(time, callback);
        return () => alarms.delete(time);
      },
      poke: () => {},
    },
    limits,
  );
  return {
    dispatcher,
    alarms,
    claims() {
      dispatcher.pump();
      const now = made;
      made = [];
      return now;
    },
  };
}

function shares(claims: readonly Claim[]): Record<string, number> {
  return Object.fromEntries(claims.map(({ session, limit }) => [session, limit]));
}
