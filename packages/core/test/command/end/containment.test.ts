import { afterEach, describe, expect, it } from "vitest";
import { systemClock } from "../../../src/clock/system-clock.ts";
import type { Cgroup } from "../../../src/command/end/cgroup.ts";
import { endTree } from "../../../src/command/end/end-tree.ts";
import {
  cgroups,
  endGroups,
  killAll,
  namespace,
  newGroup,
  newToken,
  start,
  untilHidden,
  untilThere,
  withToken,
} from "./contained.ts";

/** Eleven processes that try to be overlooked, each in its way. */
const hostileTree = `
sleep $T &
setsid sleep $T &
setsid sh -c 'setsid sleep $T & sleep $T' &
setsid env -i /bin/sleep $T &
(setsid env -i /bin/sleep $T &)
(setsid sleep $T &)
sh -c 'kill -STOP $$; sleep 1' $T &
sh -c 'trap "" TERM; sleep $0; :' $T &
sleep $T
`;

const clock = systemClock();
let token = newToken();

afterEach(async () => {
  const left = await endGroups();
  killAll(token);
  token = newToken();
  expect(left).toEqual([]);
});

interface Case {
  readonly containment: string;
  readonly possible: boolean;
  readonly group: () => Promise<Cgroup | undefined>;
  readonly prefix: readonly string[];
  /** How many of the tree get away. */
  readonly survivors: number;
}

const cases: readonly Case[] = [
  {
    containment: "cgroup",
    possible: cgroups !== undefined,
    group: () => newGroup(),
    prefix: [],
    survivors: 0,
  },
  {
    containment: "pid-namespace",
    possible: namespace !== undefined,
    group: async () => undefined,
    prefix: namespace ?? [],
    survivors: 0,
  },
  {
    // The daemon that cleared its environment: nothing connects it to the others.
    containment: "process-group-sweep",
    possible: true,
    group: async () => undefined,
    prefix: [],
    survivors: 1,
  },
];

describe.each(cases)("a tree in a $containment", ({ possible, group, prefix, survivors }) => {
  it.skipIf(!possible)(`ends with ${survivors} survivors`, async () => {
    const cgroup = await group();
    await start(hostileTree, { marker: token, token, cgroup, prefix });
    await untilThere(token, 11);
    await untilHidden(token, survivors);
    expect(await endTree({ marker: token, cgroup, clock, graceMs: 200 })).toBe(true);
    expect(withToken(token)).toHaveLength(survivors);
  });

  it.skipIf(!possible)("is asked to end before it is killed", async () => {
    const cgroup = await group();
    const script = "trap 'exit 7' TERM; sh -c 'trap : TERM; sleep 600' $T & wait; wait";
    const child = await start(script, { marker: token, token, cgroup, prefix });
    const exit = new Promise((resolve) => child.once("exit", resolve));
    await untilThere(token, 1);
    expect(await endTree({ marker: token, cgroup, clock, graceMs: 20_000 })).toBe(true);
    expect(await exit).toBe(7);
  });
});
