import { expect, test } from "vitest";
import { defineTask } from "../../src/index.ts";
import { createWorld, storeKinds } from "../support/world.ts";

const patient = defineTask({
  name: "patient",
  description: "",
  input: { type: "object" },
  recover: "restart",
  run: (_, { task, signal }) =>
    task.attempt < 6
      ? new Promise<number>((_resolve, reject) => {
          signal.addEventListener("abort", () => reject(signal.reason));
        })
      : task.attempt,
});

test.each(storeKinds)("being left any number of times is no interruption (%s)", async (kind) => {
  await using world = await createWorld(kind);
  let id = "";
  for (let manager = 1; manager <= 5; manager += 1) {
    const made = world.manager({ tasks: [patient] });
    const chat = made.session("chat");
    if (id === "") ({ id } = await chat.start(patient, {}));
    await made.open();
    await world.until(async () => (await chat.list({ status: ["running"] })).length === 1);
    await made.close({ running: "leave" });
  }
  const last = world.manager({ tasks: [patient] });
  const task = await last.session("chat").get(id);
  expect(await task.result()).toBe(6);
  await last.close();
});
