import { describe, expect, test, vi } from "vitest";
import { mutants } from "./mutants.ts";
import { simulate } from "./simulate.ts";

// No task of the simulation writes output. A real look for it would take a real, random time.
vi.mock("node:fs/promises", async (original) => ({
  ...(await original<object>()),
  open: async () => {
    throw Object.assign(new Error("There are no files here."), { code: "ENOENT" });
  },
}));

const seeds = Number(process.env["SIMULATION_SEEDS"] ?? 200);
const first = Number(process.env["SIMULATION_FIRST_SEED"] ?? 1);

describe("two managers on one store that die, pause and are replaced at random", () => {
  test(`end every task once, tell every end, and run no attempt twice (${seeds} seeds)`, async () => {
    for (let seed = first; seed < first + seeds; seed += 1) {
      expect(await simulate(seed), `SIMULATION_FIRST_SEED=${seed} SIMULATION_SEEDS=1`).toEqual([]);
    }
  });
});

describe("the simulation notices a store that", () => {
  test.each(Object.entries(mutants))("%s", async (_, mutant) => {
    let caught: readonly string[] = [];
    for (let seed = 1; seed <= 40 && caught.length === 0; seed += 1) {
      caught = await simulate(seed, mutant());
    }
    expect(caught).not.toEqual([]);
  });
});
