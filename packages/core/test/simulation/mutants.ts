import type { Change, Outcome, Store } from "../../src/index.ts";

/** A store that does not do what its contract says, in one way. */
export type Mutant = (store: Store) => Store;

type Do = (change: Change) => Promise<Outcome>;

/** Changes how single changes are applied; each is then a commit of its own. */
function changing(rule: (change: Change, apply: Do, store: Store) => Promise<Outcome>): Mutant {
  return (store) => {
    const apply: Do = async (change) => (await store.commit([change]))[0] as Outcome;
    return {
      ...store,
      async commit(changes) {
        const outcomes: Outcome[] = [];
        for (const change of changes) outcomes.push(await rule(change, apply, store));
        return outcomes;
      },
    };
  };
}

/** Whoever settles, settles: neither the fence nor the attempt is looked at. */
const ignoresFences: Mutant = changing(async (change, apply, store) => {
  if (change.type !== "settle") return apply(change);
  const applied = await apply(change);
  if (applied === true) return true;
  const task = await store.task(change.id);
  if (task?.status === "running") {
    await apply({ ...change, fence: task.fence ?? "", attempt: task.attempt });
  }
  return true;
});

const acknowledgesOnReceive: Mutant = changing(async (change, apply) => {
  const outcome = await apply(change);
  if (change.type === "lease") await apply({ ...change, type: "ack" });
  return outcome;
});

const settlesWithoutNotification: Mutant = changing((change, apply) =>
  change.type === "settle" && change.status === "failed"
    ? apply({ ...change, notification: null })
    : apply(change),
);

const handsOutAfterAcknowledgement: Mutant = changing(async (change, apply) =>
  change.type === "ack" ? (await apply({ ...change, type: "release" })) !== -1 : apply(change),
);

/** The same task for two claims, as if claiming were no compare-and-set. */
function claimsTwice(): Mutant {
  let last: Outcome | undefined;
  return changing(async (change, apply) => {
    if (change.type !== "claim") return apply(change);
    const outcome = (await apply(change)) as Outcome<"claim">;
    if (outcome.tasks.length > 0) last = outcome;
    else if (last !== undefined) {
      const again = last;
      last = undefined;
      return again;
    }
    return outcome;
  });
}

/** A crash loses the notification that was stored after its task. */
function splitsTheSettlement(): Mutant {
  let settlements = 0;
  return changing(async (change, apply) => {
    if (change.type !== "settle" || change.notification === null) return apply(change);
    settlements += 1;
    return apply(settlements % 5 === 0 ? { ...change, notification: null } : change);
  });
}

const neverDeposes: Mutant = changing(async (change, apply) =>
  change.type === "depose" ? false : apply(change),
);

const acknowledgesOnRelease: Mutant = changing(async (change, apply) => {
  if (change.type !== "release") return apply(change);
  return (await apply({ ...change, type: "ack" })) === true ? change.ids.length : 0;
});

const dropsRequeues: Mutant = changing(async (change, apply) =>
  change.type === "requeue" ? true : apply(change),
);

const losesMessages: Mutant = changing(async (change, apply) =>
  change.type === "notify" ? true : apply(change),
);

/** Each made anew for each life, since some remember. */
export const mutants: Readonly<Record<string, () => Mutant>> = {
  "ignores fences": () => ignoresFences,
  "acknowledges on receive": () => acknowledgesOnReceive,
  "settles without the notification": () => settlesWithoutNotification,
  "loses the notification of one settlement in five": splitsTheSettlement,
  "hands out what was acknowledged": () => handsOutAfterAcknowledgement,
  "gives one task to two claims": claimsTwice,
  "never deposes the dead": () => neverDeposes,
  "acknowledges what was released": () => acknowledgesOnRelease,
  "drops the retries": () => dropsRequeues,
  "loses the messages of tasks": () => losesMessages,
};
