import { expect, test } from "vitest";
import { openChat } from "../support/chat.ts";

test("shows how tasks move while nobody speaks, and as a terminal would show what they print", async () => {
  await using chat = openChat();
  const { session } = chat.background;
  await chat.settle("tides");
  const [tides] = await session.list();
  const goOn = Promise.withResolvers<void>();
  const watched = chat.background.watchTasks({ ids: [tides?.id ?? ""] }).getReader();
  await session.start(
    async ({ report, write }) => {
      report({ completed: 1, total: 2 });
      await write("\u001b]0;title\u0007 10%\r\u001b[31m100%\u001b[0m\u200b\n");
      await goOn.promise;
    },
    { title: "winds" },
  );

  const seen = [];
  for (;;) {
    const { value } = await watched.read();
    if (value === undefined) break;
    seen.push(value);
    if (value.title === "winds" && value.tail !== "") goOn.resolve();
    if (value.title === "winds" && value.status === "completed") break;
  }
  await watched.cancel();

  expect(seen.filter(({ title }) => title === "tides")).toMatchObject([{ status: "completed" }]);
  expect(seen.at(-1)).toMatchObject({ status: "completed", tail: "100%\n", waiting: null });
  expect(seen.at(-1)?.settledAt).toBeGreaterThanOrEqual(seen.at(-1)?.startedAt ?? Number.NaN);
});

test("a reader that is slow gets the last state, and one that left costs nothing", async () => {
  await using chat = openChat();
  await chat.settle("tides");
  const [tides] = await chat.background.session.list();
  const ids = [tides?.id ?? "", "t_unknown"];
  const watched = chat.background.watchTasks({ ids, tailBytes: 0 }).getReader();

  expect((await watched.read()).value).toMatchObject({ title: "tides", tail: "" });
  await watched.cancel();

  expect((await watched.read()).done).toBe(true);
});
