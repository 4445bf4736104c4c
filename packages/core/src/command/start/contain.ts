import type { Containment } from "../../store/store.ts";
import { type Cgroup, createCgroup } from "../end/cgroup.ts";
import { pidNamespace } from "../end/pid-namespace.ts";
import { canIdentifyProcesses } from "../platform.ts";
import type { CommandGrant } from "../policy/policy.ts";
import type { SandboxCommand } from "../sandbox/sandbox.ts";
import { planLimits } from "./limits.ts";
import { withMarker } from "./marker.ts";

/** A command as it is started, and what holds its processes together. */
export interface Contained {
  readonly command: SandboxCommand;
  readonly containment: Containment;
  readonly cgroup: Cgroup | undefined;
  /** Flags and values of the shell's `ulimit`. */
  readonly ulimits: readonly (readonly [flag: string, value: number])[];
  /** Whether an exit code of 128 + n may stand for a death by signal n. */
  readonly hidesSignals: boolean;
  /** Gives up what the sandbox keeps for the command. */
  readonly release: () => void;
}

/**
 * Puts what was granted into its sandbox, if it has one, and into the strongest containment that
 * can be had here: a control group, a pid namespace, or only a process group and the marker.
 *
 * Throws `SANDBOX`, or `INVALID_OPTION` for a limit that cannot be held.
 */
export async function contain(grant: CommandGrant, marker: string): Promise<Contained> {
  const { sandbox, limits = {} } = grant;
  const env = withMarker(grant.env, marker);
  const bare = { executable: grant.executable, argv: grant.argv, cwd: grant.cwd, env };
  const sandboxed = sandbox === undefined ? undefined : await sandbox.wrap(bare);
  const command = sandboxed ?? bare;
  const release = (): void => sandboxed?.ended?.();
  const cgroup = await createCgroup(marker, limits);
  try {
    const { ulimits } = planLimits(limits, cgroup);
    const shared = { cgroup, ulimits, hidesSignals: sandboxed !== undefined, release };
    if (cgroup !== undefined) return { ...shared, command, containment: "cgroup" };
    const own = sandboxed?.containment;
    if (own !== undefined) return { ...shared, command, containment: own };
    const prefix = await pidNamespace();
    const [first] = prefix ?? [];
    if (prefix === undefined || first === undefined) {
      return { ...shared, command, containment: weakest() };
    }
    const argv = [...prefix, command.executable, ...command.argv.slice(1)];
    const inside = { ...command, executable: first, argv };
    return { ...shared, command: inside, containment: "pid-namespace", hidesSignals: true };
  } catch (error) {
    cgroup?.remove();
    release();
    throw error;
  }
}

function weakest(): Containment {
  return canIdentifyProcesses() ? "process-group-sweep" : "process-group";
}
