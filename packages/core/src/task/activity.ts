/** What can be seen of work from outside. */
export interface Activity {
  /** Milliseconds of processor time that the work has used so far. */
  readonly cpuMs?: number;
  /** True while it waits for what `task.send` gives it. */
  readonly waitsForInput?: boolean;
}

/** Looks at the work; gives undefined when nothing can be seen. */
export type ActivityProbe = () => Activity | undefined | Promise<Activity | undefined>;
