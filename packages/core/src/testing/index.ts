export { type DispatcherSuiteOptions, testDispatcher } from "./dispatcher-suite.ts";
export type { StoreSuiteOptions } from "./store-suite/scenario.ts";
export { testStore } from "./store-suite.ts";
export { type VirtualClock, type VirtualClockOptions, virtualClock } from "./virtual-clock.ts";
