import { createAlarms } from "../clock/alarms.ts";
import { addLifecycle } from "../lifecycle/lifecycle.ts";
import { createOwnership } from "../lifecycle/ownership.ts";
import { createInboxes } from "../notifications/inbox.ts";
import { createTurns } from "../notifications/turns.ts";
import { createWakes } from "../notifications/wakes.ts";
import { createTaskFiles } from "../output/task-files.ts";
import { createAttempts } from "../task/attempts.ts";
import { createStalls } from "../task/stalls.ts";
import { createWaiters } from "../task/waiters.ts";
import { createBacklog } from "./backlog.ts";
import type { Engine } from "./engine.ts";
import { createEvents } from "./events.ts";
import { createIds } from "./ids.ts";
import { createJournal } from "./journal.ts";
import { createMirror } from "./mirror.ts";
import { observeCommands } from "./observe-commands.ts";
import type { ResolvedOptions } from "./options.ts";
import { createRunner } from "./runner.ts";

/** Puts the parts of a manager together. Does no I/O and starts nothing. */
export function createEngine(options: ResolvedOptions): Engine {
  const { clock, random, store, limits, redact } = options;
  const events = createEvents();
  const alarms = createAlarms(clock);
  const id = createIds(random);
  const journal = createJournal(store, clock, {
    beforeFlush: () => engine.dispatcher.pump(),
    onError: (error) => events.emit({ type: "listener-error", error }),
  });
  const attempts = createAttempts();
  const parts = {
    options,
    commands: observeCommands(options.commands, { events, clock, attempts, redact }),
    clock,
    random,
    id,
    alarms,
    events,
    store,
    journal,
    backlog: createBacklog(),
    waiting: createBacklog(),
    attempts,
    waiters: createWaiters({ store, newToken: () => id("r_"), hold: alarms.hold }),
    inboxes: createInboxes({ events, onOwed: (session) => engine.wakes.owed(session) }),
    files: createTaskFiles(options.directory, options.storeIsOwn),
    definitions: new Map(options.tasks.map((definition) => [definition.name, definition])),
    closures: new Map(),
    isOpen: false,
    closing: false,
  };
  // The parts below know the whole; they use it only once it is whole.
  const engine = parts as unknown as Engine;
  const runner = createRunner(engine);
  addLifecycle(engine);
  return Object.assign(engine, {
    runner,
    dispatcher: options.dispatcher(
      {
        claim: runner.claim,
        at: (time, callback) => alarms.at(time, callback),
        poke: journal.poke,
      },
      { concurrency: limits.concurrency, perSession: limits.perSession.concurrency },
    ),
    ownership: createOwnership(engine),
    stalls: createStalls(engine),
    mirror: createMirror(engine),
    turns: createTurns(engine),
    wakes: createWakes(engine),
  });
}
