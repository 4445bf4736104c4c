import type { BackgroundManager, Delivery, ReceiveOptions, Session } from "@meanwhile/core";
import { receiveUntold } from "@meanwhile/core/adapters";
import { acknowledge, giveBack } from "./answer.ts";
import { byManager } from "./by-manager.ts";
import { hasOpenCalls } from "./open-calls.ts";
import { type NodeConfig, type Place, placeOf } from "./place.ts";
import { recentIds } from "./recent-ids.ts";
import { savedIds } from "./saved.ts";
import { mostIds, type ThreadState, type ThreadUpdate } from "./state.ts";
import { tellAgain } from "./tell-again.ts";
import { toldIn, toldMessage } from "./told.ts";

/** How a thread is told. */
export interface DrainOptions {
  /** Of the node, or the runtime of the middleware: says where in the history it runs. */
  readonly config?: NodeConfig | undefined;
  /** How much is told at once, and for how long it is leased. @default core's */
  readonly receive?: ReceiveOptions | undefined;
}

/**
 * What the threads of a manager are told while their graphs run, until it is known what of it they
 * have saved. One for each manager, so that its nodes, middleware and runners know the same.
 */
export interface Telling {
  /**
   * What the thread is owed and its state does not hold, as an update of that state; undefined when
   * that is nothing, and while tool calls wait for their answers. Never waits.
   * @throws as `NotificationQueue.receive`, with nothing held
   */
  drain(
    session: Session,
    state: ThreadState,
    options?: DrainOptions,
  ): Promise<ThreadUpdate | undefined>;
  /**
   * Whether the thread is owed what its saved state does not hold. That is kept for the next
   * `drain`; what the state does hold is acknowledged. Between two runs only.
   * @throws as `NotificationQueue.receive`
   */
  look(session: Session, saved: ThreadState, receive?: ReceiveOptions): Promise<boolean>;
  /**
   * A run is over: acknowledges what the saved state holds, and gives the rest back. What storage
   * does not take is tried again at the next call. Harmless when called twice.
   */
  settle(session: Session, saved: Iterable<string>): Promise<void>;
  /** Whether something was told that is not acknowledged yet, or found by a look. */
  isOpen(sessionId: string): boolean;
  /** Whether what a look found was not drained yet. */
  isWaiting(sessionId: string): boolean;
}

export const tellingOf: (manager: BackgroundManager) => Telling = byManager(
  "telling",
  createTelling,
);

/** A delivery that a state was given, or is about to be. */
interface Held {
  readonly delivery: Delivery;
  readonly ids: readonly string[];
  /** Where it was given; undefined for what a look has found, which the next drain is to give. */
  readonly place: Place | undefined;
}

function createTelling(): Telling {
  const bySession = new Map<string, Held[]>();
  const acknowledged = recentIds(10_000);

  function keep(sessionId: string, more: readonly Held[]): void {
    if (more.length === 0) return;
    bySession.set(sessionId, [...(bySession.get(sessionId) ?? []), ...more]);
  }

  function hold(sessionId: string, more: readonly Delivery[], place: Place | undefined): void {
    keep(
      sessionId,
      more.map((delivery) => toHeld(delivery, place)),
    );
  }

  /** Takes those out for which the predicate says so. */
  function take(sessionId: string, isTaken: (held: Held, index: number) => boolean): Held[] {
    const { taken = [], kept = [] } = Object.groupBy(
      bySession.get(sessionId) ?? [],
      (held, index) => (isTaken(held, index) ? "taken" : "kept"),
    );
    if (kept.length === 0) bySession.delete(sessionId);
    else bySession.set(sessionId, kept);
    return taken;
  }

  async function acknowledgeAll(sessionId: string, all: readonly Held[]): Promise<void> {
    await Promise.all(
      all.map(async (held) => {
        const answer = await acknowledge(held.delivery);
        if (answer === "try-again") keep(sessionId, [held]);
        else if (answer === "done") for (const id of held.ids) acknowledged.add(id);
      }),
    );
  }

  function takeSaved(sessionId: string, saved: ReadonlySet<string>): Held[] {
    const last = (bySession.get(sessionId) ?? []).findLastIndex(({ ids }) => isIn(saved, ids));
    // A state holds the newest ids only: what it was given before one of them, it held as well.
    const isFull = saved.size >= mostIds;
    return take(sessionId, ({ ids }, at) => isIn(saved, ids) || (isFull && at < last));
  }

  /** Ids that the thread holds or is being told, in this step or by a parallel node. */
  function knownIn(sessionId: string, told: ReadonlySet<string>): Set<string> {
    return new Set([...told, ...(bySession.get(sessionId) ?? []).flatMap(({ ids }) => ids)]);
  }

  /** What this line of the thread's history was given and does not hold; what was given in part, back. */
  async function takeLost(
    sessionId: string,
    told: ReadonlySet<string>,
    place: Place,
  ): Promise<Delivery[]> {
    const lost = take(sessionId, (held) => !isIn(told, held.ids) && isLost(held, place));
    const isMixed = ({ ids }: Held): boolean => ids.some((id) => told.has(id));
    await Promise.all(lost.filter(isMixed).map(({ delivery }) => giveBack(delivery)));
    return lost.filter((held) => !isMixed(held)).map(({ delivery }) => delivery);
  }

  return {
    async drain(session, state, { config, receive = {} } = {}) {
      const messages = state.messages ?? [];
      if (hasOpenCalls(messages)) return undefined;
      const { id } = session;
      const place = placeOf(config);
      const told = toldIn(state);
      if (bySession.has(id)) {
        // Not what another line of the thread has saved, by a run whose last words came late.
        const saved = told.intersection(new Set(await savedIds(config)));
        await acknowledgeAll(id, takeSaved(id, saved));
      }
      const deliveries = await takeLost(id, told, place);
      if (deliveries.length === 0) {
        const known = knownIn(id, told);
        const { repeated, fresh } = await receiveUntold(session.notifications, known, receive);
        hold(id, repeated, place);
        if (fresh !== undefined) deliveries.push(fresh);
      }
      hold(id, deliveries, place);
      try {
        const known = knownIn(id, told);
        const again = await tellAgain(session, messages, known, { acknowledged, place });
        return toUpdate(again, deliveries);
      } catch (error) {
        take(id, ({ delivery }) => deliveries.includes(delivery));
        await Promise.all(deliveries.map((delivery) => giveBack(delivery)));
        throw error;
      }
    },
    async look(session, saved, receive = {}) {
      if (hasOpenCalls(saved.messages ?? [])) return false;
      const { repeated, fresh } = await receiveUntold(
        session.notifications,
        toldIn(saved),
        receive,
      );
      await acknowledgeAll(
        session.id,
        repeated.map((delivery) => toHeld(delivery, placeOf(undefined))),
      );
      if (fresh !== undefined) hold(session.id, [fresh], undefined);
      return fresh !== undefined;
    },
    async settle(session, saved) {
      const held = takeSaved(session.id, new Set(saved));
      const rest = take(session.id, () => true);
      await acknowledgeAll(session.id, held);
      await Promise.all(rest.map(({ delivery }) => giveBack(delivery)));
    },
    isOpen: (sessionId) => bySession.has(sessionId),
    isWaiting: (sessionId) =>
      bySession.get(sessionId)?.some(({ place }) => place === undefined) === true,
  };
}

function toHeld(delivery: Delivery, place: Place | undefined): Held {
  return { delivery, ids: delivery.notifications.map(({ id }) => id), place };
}

function isIn(set: ReadonlySet<string>, ids: readonly string[]): boolean {
  return ids.every((id) => set.has(id));
}

/**
 * Whether a delivery that the state does not hold was lost with the step that it was given in: a
 * state holds whatever the steps before it were given. One of a parallel node is under way.
 */
function isLost({ place: given }: Held, here: Place): boolean {
  if (given === undefined) return true;
  if (given.checkpoint === undefined || here.checkpoint === undefined) return false;
  return given.checkpoint !== here.checkpoint || given.task === here.task;
}

function toUpdate(
  again: { readonly ids: readonly string[]; readonly text: string } | undefined,
  deliveries: readonly Delivery[],
): ThreadUpdate | undefined {
  const parts = [
    ...(again === undefined ? [] : [again]),
    ...deliveries.map(({ notifications, text }) => ({
      ids: notifications.map(({ id }) => id),
      text,
    })),
  ];
  if (parts.length === 0) return undefined;
  return {
    messages: parts.map(({ ids, text }) => toldMessage(ids, text)),
    _meanwhile: parts.flatMap(({ ids }) => [...ids]),
  };
}
