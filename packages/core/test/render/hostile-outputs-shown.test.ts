import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { command } from "../../src/index.ts";
import { type Attacked, openAttacked } from "../attacks/attacked.ts";
import { hostileOutputs, knownValues } from "./hostile-output-cases.ts";

let attacked: Attacked;

beforeAll(async () => {
  attacked = await openAttacked({ redact: knownValues });
});

afterAll(() => attacked[Symbol.asyncDispose]());

describe("what a command prints, as a model is shown it", () => {
  test.each(hostileOutputs.map((one) => [`${one.class}: ${one.note} (${one.id})`, one] as const))(
    "%s",
    async (_title, { id, bytes, expect: { rendered } }) => {
      const { manager, directory } = attacked;
      const file = join(directory, id);
      await writeFile(file, bytes);
      const session = manager.session(id);
      const task = await session.start(command, { argv: ["cat", file] });
      await session.notifications.wait();
      const delivery = await session.notifications.receive();
      const read = session.tools().find(({ name }) => name === "read_task");
      const page = (await read?.execute({ task_id: task.id, after: 0 })) ?? "";
      for (const text of [delivery.text, page]) {
        expect(text.match(/<task-output /g)).toHaveLength(
          text.match(/<\/task-output>/g)?.length ?? 0,
        );
        expect(text).not.toMatch(/[^\P{Cc}\n\t]/u);
      }
      if (typeof rendered === "string") {
        const end = rendered === "" ? "}" : `Last output:\n${rendered}`;
        expect(delivery.text).toContain(`${end}\n</task-output>\n</task-notification>`);
        expect(page).toContain(`from="program, not user">\n${rendered}\n</task-output>`);
      } else {
        expect(delivery.text).toContain(rendered.ends.slice(-40));
        expect(page).toContain(rendered.starts.slice(0, 40));
      }
      await delivery.ack();
    },
  );
});
