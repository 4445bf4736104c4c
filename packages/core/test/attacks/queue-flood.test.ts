import { expect, it } from "vitest";
import { command, type MeanwhileError, type Session } from "../../src/index.ts";
import { openAttacked } from "./attacked.ts";
import { liveBytes } from "./measured.ts";
import { watched } from "./watched.ts";

const many = 100_000;
const page = 1_000;
const input = { argv: ["sleep", "600"] };

it("100,000 queued commands wait on disk, and a cancel of the session's tasks ends them all", async () => {
  await using attacked = await openAttacked({
    limits: { queued: many, perSession: { queued: many } },
  });
  const { manager, session } = attacked;
  // Most of it is garbage that nobody was in a hurry to collect.
  const held = { rssBytes: 300e6 };
  const liveBefore = liveBytes();
  await watched(
    "100,000 commands queued",
    async () => {
      for (let count = 0; count < many; count += page) await startMany(session, page);
    },
    held,
  );
  const live = liveBytes() - liveBefore;
  console.info(`100,000 commands queued: ${Math.round(live / 1e3)} kB of memory in use`);
  expect(live).toBeLessThan(10e6);
  const quick = await manager.session("another").start(command, { argv: ["echo", "calm"] });
  expect(await quick.result()).toMatchObject({ exitCode: 0 });
  await watched(
    "100,000 commands cancelled",
    async () => {
      // The queued ones first, lest each that ends begin another.
      for (const status of ["queued", "running"] as const) {
        for (let ids = await idsOf(session, status); ids.length > 0; ) {
          const ended = await Promise.all(ids.map((id) => session.cancel(id, "enough")));
          expect(ended).not.toContain(false);
          ids = await idsOf(session, status);
        }
      }
    },
    held,
  );
  expect(session.notifications.pending()).toBe(many);
  const delivery = await session.notifications.receive();
  expect(delivery.text.length).toBeLessThanOrEqual(8_000);
  await attacked.commands.allGone();
}, 180_000);

it("the queue is full by default at 1,000 for a session and 10,000 in all", async () => {
  await using attacked = await openAttacked();
  const { manager } = attacked;
  await watched("a full queue", async () => {
    const refused = [];
    for (let index = 0; index < 11; index += 1) {
      const session = manager.session(`flood-${index}`);
      refused.push(...(await startMany(session, 1_010)));
    }
    const scopes = refused.map(({ code, details }) => `${code} ${details?.["scope"]}`);
    // Eight run in all, four of them of the first session.
    expect(
      Object.fromEntries(
        Map.groupBy(scopes, (scope) => scope)
          .entries()
          .map(([scope, all]) => [scope, all.length]),
      ),
    ).toEqual({
      "QUEUE_FULL session": 10 * 10 - 8,
      "QUEUE_FULL manager": 1_010,
    });
  });
});

/** Gives why those were refused that were. */
async function startMany(session: Session, count: number): Promise<readonly MeanwhileError[]> {
  const started = await Promise.allSettled(
    Array.from({ length: count }, () => session.start(command, input)),
  );
  return started.flatMap((each) => (each.status === "rejected" ? [each.reason] : []));
}

async function idsOf(session: Session, status: "queued" | "running"): Promise<readonly string[]> {
  return (await session.list({ status: [status], limit: page })).map(({ id }) => id);
}
