import { MeanwhileError } from "../errors.ts";
import type { CloseMode, Engine } from "../manager/engine.ts";
import type { Stop } from "../task/attempt.ts";
import { cancelStored } from "../task/cancel.ts";
import { cancelReason } from "../task/cancel-reason.ts";
import { closed } from "../task/waiters.ts";
import { reportMissingDefinitions } from "./missing-definitions.ts";
import { closeDefinitions, openDefinition } from "./open-definitions.ts";
import { recoverOrphans } from "./recovery.ts";
import { startRetention } from "./retention.ts";

/** How the engine opens at its first use, and how it ends. */
export function addLifecycle(engine: Engine): void {
  const { store, clock, events } = engine;
  let opening: Promise<void> | undefined;
  let closePromise: Promise<void> | undefined;
  let unsubscribe = (): void => {};
  let stopRetention = async (): Promise<void> => {};

  function opened(): Promise<void> {
    if (engine.isOpen) return ready;
    if (engine.closing) return Promise.reject(closed());
    opening ??= open().catch((error: unknown) => {
      // The next use tries again.
      opening = undefined;
      throw error;
    });
    return opening;
  }

  async function open(): Promise<void> {
    await store.open({ clock });
    try {
      await engine.ownership.acquire();
      unsubscribe = store.subscribe((change) => engine.mirror.foreign(change));
      await engine.ownership.deposeOthers();
      await recoverOrphans(engine);
      await engine.mirror.refreshAll();
      await reportMissingDefinitions(engine);
    } catch (error) {
      unsubscribe();
      await engine.ownership.release().catch(report);
      await store.close();
      throw error;
    }
    stopRetention = startRetention(engine);
    engine.isOpen = true;
    for (const definition of engine.definitions.values()) openDefinition(engine, definition);
  }

  async function close(mode: CloseMode): Promise<void> {
    engine.closing = true;
    if (opening !== undefined) await opening.catch(() => {});
    if (!engine.isOpen) return;
    engine.dispatcher.stop();
    const swept = stopRetention();
    engine.wakes.close();
    engine.turns.close();
    // What was being started when `close` was called is started, and then dealt with.
    await engine.journal.still(async () => {});
    await cancelQueuedClosures(engine).catch(report);
    stopAttempts(engine, mode);
    await engine.attempts.idle();
    await swept;
    await closeDefinitions(engine);
    unsubscribe();
    engine.waiters.close();
    engine.inboxes.close();
    await engine.journal.idle();
    await engine.ownership.release().catch(report);
    await engine.journal.idle();
    engine.isOpen = false;
    engine.alarms.clear();
    events.clear();
    // What is left to go on writes into its folder.
    if (mode !== "leave") await engine.files.removeMade().catch(report);
    await store.close();
  }

  function report(error: unknown): void {
    events.emit({ type: "store-error", error });
  }

  Object.assign(engine, {
    opened,
    openSoon() {
      opened().catch((error: unknown) => {
        if (!engine.closing) report(error);
      });
    },
    refuseClosed() {
      if (engine.closing) throw closed();
    },
    close: (mode: CloseMode) => (closePromise ??= close(mode)),
  });
}

function stopAttempts(engine: Engine, mode: CloseMode): void {
  if (mode === "wait") return;
  const why = "The manager was closed while the task ran.";
  engine.attempts.stopAll((attempt): Stop => {
    const { recover } = attempt.record.options;
    return mode === "leave" && recover !== "fail"
      ? { kind: "leave", reason: new MeanwhileError("CLOSED", why) }
      : { kind: "cancel", reason: cancelReason(why) };
  });
}

/** Nobody else can run a function that only this process holds. */
async function cancelQueuedClosures(engine: Engine): Promise<void> {
  const why = "The manager was closed before the function was started.";
  await Promise.all(
    [...engine.closures.keys()].map(async (taskId) => {
      const record = await engine.store.task(taskId);
      if (record !== undefined) await cancelStored(engine, record, why);
    }),
  );
}

/** What `opened` gives once it is: one promise for all, since it is asked for at every call. */
const ready: Promise<void> = Promise.resolve();
