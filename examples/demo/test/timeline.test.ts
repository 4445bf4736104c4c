import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { timeline } from "../src/timeline.ts";

test("the timeline is true to scale", () => {
  const task = {
    id: "t_1",
    name: "download",
    status: "completed",
    startedAt: 1_002_000,
    endedAt: 1_007_000,
    completed: 1,
    total: 1,
    recovered: undefined,
  } as const;
  const recording = {
    start: 1_000_000,
    end: 1_010_000,
    thinking: [
      { start: 1_000_000, end: 1_001_000 },
      { start: 1_007_000, end: 1_008_000 },
    ],
    answers: [{ start: 1_004_000, end: 1_005_000 }],
    tasks: [task],
    told: new Map([["t_1", 1_008_000]]),
  };

  // One character stands for half a second.
  const rows = timeline(recording, 34).map((row) => stripVTControlCharacters(row));

  expect(rows.slice(0, -1)).toEqual([
    "            0 s       5 s",
    " user               ?",
    " agent      ███           ███",
    " download       ━━━━━━━━━━━ ◆",
  ]);
});
