import type { Unit } from "./unit.ts";

/** What one run of a contender found, by name. */
export type Measures = Readonly<Record<string, number>>;

export interface Setting {
  /** True for a short run whose figures are only good for seeing that everything works. */
  readonly quick: boolean;
  /** An empty folder for this run alone, deleted after it. */
  readonly folder: string;
  /** What `prepare` left behind, shared by all runs of the benchmark. */
  readonly prepared: string;
}

/** Why a contender cannot run here. */
export interface Skipped {
  readonly skipped: string;
}

/** One way to do the work. Runs in a fresh process, and loads there what it measures. */
export type Contender = (setting: Setting) => Promise<Measures | Skipped>;

/** A measure of a contender. */
export interface Figure {
  readonly contender: string;
  readonly measure: string;
}

/** What the ratio is to be; or the value itself, where nothing stands beside it or `of` says so. */
export type Goal = ({ readonly atLeast: number } | { readonly atMost: number }) & {
  readonly of?: "value";
};

/** A row of the table. */
export interface Line {
  readonly what: string;
  readonly unit: Unit;
  readonly ours: Figure;
  readonly beside?: Figure & { readonly name: string };
  readonly goal?: Goal;
}

export interface Benchmark {
  readonly title: string;
  /** Fresh processes for each contender in a full run; the median counts. @default 3 */
  readonly rounds?: number;
  /**
   * Whether its runs make thousands of files. Their folders are deleted after the last round only:
   * ext4 looks at each file that was deleted in the last minutes when it makes another, so that one
   * run would pay for the one before. @default false
   */
  readonly manyFiles?: boolean;
  /** Fills `prepared`, once, before the first round. */
  readonly prepare?: (setting: Setting) => Promise<undefined>;
  readonly contenders: Readonly<Record<string, Contender>>;
  readonly lines: readonly Line[];
}
