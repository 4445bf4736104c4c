import type { Containment } from "../../store/store.ts";
import { type Cgroup, createCgroup } from "../end/cgroup.ts";
import { pidNamespace } from "../end/pid-namespace.ts";
import { canIdentifyProcesses } from "../platform.ts";
import type { CommandGrant } from "../policy/policy.ts";
import type { SandboxCommand } from "../sandbox/sandbox.ts";
import { planLimits } from "./limits.ts";
import { withMarker } from "./marker.ts";

/** A command as it is started, and what holds its processes together. */
interface Contained {
  readonly command: SandboxCommand;
  readonly containment: Containment;
  readonly cgroup: Cgroup | undefined;
  /** Flags and values of the shell's `ulimit`. */
  readonly ulimits: readonly (readonly [flag: string, value: number])[];
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
  const cgroup = await createCgroup(marker, limits);
  try {
    const { ulimits } = planLimits(limits, cgroup);
    if (cgroup !== undefined) return { command, containment: "cgroup", cgroup, ulimits };
    const own = sandboxed?.containment;
    if (own !== undefined) return { command, containment: own, cgroup, ulimits };
    const prefix = await pidNamespace();
    const [first] = prefix ?? [];
    if (prefix === undefined || first === undefined) {
      return { command, containment: weakest(), cgroup, ulimits };
    }
    const argv = [...prefix, command.executable, ...command.argv.slice(1)];
    const inside = { ...command, executable: first, argv };
    return { command: inside, containment: "pid-namespace", cgroup, ulimits };
  } catch (error) {
    cgroup?.remove();
    throw error;
  }
}

function weakest(): Containment {
  return canIdentifyProcesses() ? "process-group-sweep" : "process-group";
}
