import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { createBars } from "../src/bars.ts";
import type { TaskView } from "../src/progress.ts";

const task: TaskView = {
  id: "t_1",
  name: "summarise",
  status: "running",
  startedAt: performance.now(),
  endedAt: undefined,
  completed: 1,
  total: 4,
  recovered: undefined,
};

function draw(columns: number, shown = task): string {
  return createBars()([shown], columns).map(stripVTControlCharacters).join("\n");
}

test("a bar tells how far its task is", () => {
  expect(draw(100)).toMatch(/^ . summarise {2}█{10}░{30} +25 % +1 of 4 +0\.\d s$/);
});

test.each([36, 40, 50, 60, 80, 120])("a bar fits into %i columns", (columns) => {
  expect(draw(columns).length).toBeLessThan(columns);
  expect(draw(columns)).toMatch(/25 % +.*0\.\d s$/);
});

test("an ended task has a word instead of a bar", () => {
  const failed = { ...task, status: "failed", endedAt: task.startedAt + 1_500 } as const;

  expect(draw(80, failed)).toBe(" ✘ summarise  failed after 1.5 s");
});
