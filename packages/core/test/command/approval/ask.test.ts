import { expect, test } from "vitest";
import { ask } from "../../../src/command/approval/ask.ts";
import type { ApprovalRequest, Approve } from "../../../src/index.ts";
import { type VirtualClock, virtualClock } from "../../../src/testing/virtual-clock.ts";

const request = { text: "/bin/true (cwd /)" } as ApprovalRequest;

function asked(
  approve: Approve,
  clock: VirtualClock = virtualClock(),
  signal: AbortSignal = new AbortController().signal,
) {
  return ask(approve, request, { signal, clock, timeMs: 1_000 });
}

const broken = new Error("broken");
const answers: readonly (readonly [string, () => unknown, object])[] = [
  ["true", () => true, { answer: "yes" }],
  ["a promise of true", async () => true, { answer: "yes" }],
  ["false", () => false, { answer: "no" }],
  ["nothing", () => undefined, { answer: "no" }],
  ["1", () => 1, { answer: "no" }],
  ["a text", async () => "true", { answer: "no" }],
  ["an object", () => ({}), { answer: "no" }],
  ["an error", () => Promise.reject(broken), { answer: "no", cause: broken }],
];

test.each(answers)("the answer to %s", async (_, approve, answer) => {
  const clock = virtualClock();
  expect(await asked(approve as Approve, clock)).toEqual(answer);
  expect(clock.pendingTimers).toBe(0);
});

test("no answer in time is none, and the hook is told", async () => {
  const clock = virtualClock();
  let signal: AbortSignal | undefined;
  const answer = asked((_, context) => {
    ({ signal } = context);
    return new Promise(() => {});
  }, clock);
  await clock.advance(999);
  expect(signal?.aborted).toBe(false);
  await clock.advance(1);
  expect(await answer).toEqual({ answer: "expired" });
  expect(signal?.aborted).toBe(true);
});

test("once it is not wanted any more the hook is told, and no timer is left", async () => {
  const clock = virtualClock();
  const stop = new AbortController();
  const reason = new Error("cancelled");
  let given: AbortSignal | undefined;
  void asked(
    (_, { signal }) => {
      given = signal;
      return new Promise(() => {});
    },
    clock,
    stop.signal,
  );
  await clock.settle();
  stop.abort(reason);
  expect(given?.reason).toBe(reason);
  expect(clock.pendingTimers).toBe(0);
});
