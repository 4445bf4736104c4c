import { batchScenarios } from "./store-suite/batches.ts";
import { cancelScenarios } from "./store-suite/cancelling.ts";
import { claimScenarios } from "./store-suite/claiming.ts";
import { dependencyScenarios } from "./store-suite/dependencies.ts";
import { isolationScenarios } from "./store-suite/isolation.ts";
import { leaseScenarios } from "./store-suite/leasing.ts";
import { ownershipScenarios } from "./store-suite/ownership.ts";
import { persistenceScenarios } from "./store-suite/persistence.ts";
import { purgeScenarios } from "./store-suite/purging.ts";
import { readingScenarios } from "./store-suite/reading.ts";
import { runningScenarios } from "./store-suite/running.ts";
import { type Scenario, type StoreSuiteOptions, withStore } from "./store-suite/scenario.ts";
import { settleScenarios } from "./store-suite/settling.ts";
import { startScenarios } from "./store-suite/starting.ts";
import { turnScenarios } from "./store-suite/turns.ts";

const scenarios: readonly Scenario[] = [
  ...startScenarios,
  ...claimScenarios,
  ...dependencyScenarios,
  ...runningScenarios,
  ...settleScenarios,
  ...cancelScenarios,
  ...leaseScenarios,
  ...turnScenarios,
  ...ownershipScenarios,
  ...purgeScenarios,
  ...readingScenarios,
  ...isolationScenarios,
  ...batchScenarios,
];

/**
 * The contract of a `Store` as tests: registers them with the test runner that is given. A store
 * that passes keeps every promise of `Store` and `Change`; how fast, and what it does with a
 * broken disk, is for its own tests.
 */
export function testStore(options: StoreSuiteOptions): void {
  for (const { name, run } of scenarios) {
    options.test(`${options.name}: ${name}`, () => withStore(options, run));
  }
  const { reopen } = options;
  if (reopen === undefined) return;
  for (const { name, run } of persistenceScenarios) {
    options.test(`${options.name}: ${name}`, () =>
      withStore(options, (fixture) => run(fixture, reopen)),
    );
  }
}
