import { expect } from "vitest";
import { type Costs, measured } from "./measured.ts";

/** What an attack may cost the manager's process. */
export interface Bounds {
  /** Most bytes by which its resident memory may grow, at any moment. @default 100 MB */
  readonly rssBytes?: number;
  /** Most milliseconds for which its event loop may stand still, starvation aside. @default 500 */
  readonly delayMs?: number;
}

/** Measures this process while `work` runs; says what that cost, and fails when that is more than the bounds. */
export async function watched<Value>(
  what: string,
  work: () => Promise<Value>,
  bounds: Bounds = {},
): Promise<Value> {
  const { value, ...costs } = await measured(work);
  expectWithin(what, costs, bounds);
  return value;
}

/** What another process measured of itself, held against the bounds. */
export function expectWithin(what: string, costs: Costs, bounds: Bounds = {}): void {
  const { rssBytes, delayMs, tookMs } = costs;
  const grew = `memory grew by ${Math.round(rssBytes / 1e6)} MB`;
  const stood = `the event loop stood still for ${Math.round(delayMs)} ms`;
  console.info(`${what}: ${Math.round(tookMs)} ms; ${grew}; ${stood}`);
  expect(rssBytes, `${what}: ${grew}`).toBeLessThan(bounds.rssBytes ?? 100e6);
  expect(delayMs, `${what}: ${stood}`).toBeLessThan(bounds.delayMs ?? 500);
}
