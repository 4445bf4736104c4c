import { expect, test } from "vitest";
import { defineTask } from "../../src/index.ts";
import { createWorld } from "../support/world.ts";

const research = defineTask({
  name: "research",
  description: "",
  input: { type: "object" },
  run: () => "found",
});

test("queued tasks whose definition is not known are announced at opening, and wait for it", async () => {
  await using world = await createWorld("sqliteStore");
  const before = world.manager({ tasks: [research] });
  const chat = before.session("chat");
  const delayMs = 60_000;
  const { id } = await chat.start(research, {}, { delayMs });
  await chat.start(research, {}, { delayMs });
  await before.close();

  const without = world.manager();
  const missing: string[] = [];
  without.on("definition-missing", ({ name, session }) => missing.push(`${name} of ${session}`));
  await without.open();
  expect(missing).toEqual(["research of chat"]);
  await without.close();

  const known: string[] = [];
  const after = world.manager({ tasks: [research] });
  after.on("definition-missing", ({ name }) => known.push(name));
  const task = await after.session("chat").get(id);
  await world.clock.advance(delayMs);
  expect(await task.result()).toBe("found");
  expect(known).toEqual([]);
});
