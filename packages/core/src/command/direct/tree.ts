import type { Containment } from "../../store/store.ts";

/** The processes of a command that was started directly. */
export interface ProcessTree {
  /**
   * What ends them: with Linux's `/proc` the process group and every process that carries the
   * marker, elsewhere the process group. `process-group` on Windows, which has no such groups,
   * stands for what `taskkill /T` finds: the descendants of the command whose parents all live.
   */
  readonly containment: Containment;
  /** Ends the command and all of its processes, gently first for `graceMs`. */
  end(graceMs: number): Promise<void>;
  /**
   * How many processes run on after the command has ended; ends them, if asked to. `held`: somebody
   * still holds its pipes. Always 0 on Windows, where they cannot be known.
   */
  left(options: { readonly held: boolean; readonly end: boolean }): Promise<number>;
}
