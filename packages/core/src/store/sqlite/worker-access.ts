import type { Worker } from "node:worker_threads";
import { type ErrorCode, type ErrorDetails, MeanwhileError } from "../../errors.ts";
import type { ConnectionOptions } from "./connection.ts";
import type { DatabaseAccess, Operation } from "./operations.ts";

/** What goes to the thread. */
export type WorkerRequest =
  | { readonly id: number; readonly name: Operation; readonly given: readonly unknown[] }
  | { readonly id: number; readonly name: "close" };

/** What comes back. The answer to number 0 says whether the database could be opened. */
export type WorkerAnswer =
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly error: SentError };

/** An error of ours on its way between threads. */
export interface SentError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: ErrorDetails | undefined;
}

interface Waiting {
  readonly resolve: (value: never) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * The database on a thread of its own: a slow disk holds that up, and not the event loop.
 *
 * Rejects when there can be no thread, or the database cannot be opened on it.
 */
export async function workerAccess(options: ConnectionOptions): Promise<DatabaseAccess> {
  const { Worker } = await import("node:worker_threads");
  // Flags that are meant for the main program need not make sense for a thread.
  const worker = new Worker(workerFile(), { workerData: options, execArgv: [] });
  const waiting = new Map<number, Waiting>();
  let last = 0;
  let broken: unknown;

  worker.on("message", (answer: WorkerAnswer) => {
    const caller = waiting.get(answer.id);
    waiting.delete(answer.id);
    // Only work under way keeps the process alive.
    if (waiting.size === 0) worker.unref();
    if ("error" in answer) caller?.reject(received(answer.error));
    else caller?.resolve(answer.value as never);
  });
  worker.on("error", fail);
  worker.on("exit", () => fail(new Error("the thread of the store has ended")));

  function fail(cause: unknown): void {
    broken ??= new MeanwhileError("STORE", `The store failed: ${String(cause)}. Open it again.`, {
      cause,
    });
    for (const caller of waiting.values()) caller.reject(broken);
    waiting.clear();
  }

  function send(request: (id: number) => WorkerRequest | undefined): Promise<never> {
    return new Promise((resolve, reject) => {
      if (broken !== undefined) return reject(broken);
      const id = last;
      last += 1;
      waiting.set(id, { resolve, reject });
      worker.ref();
      const message = request(id);
      if (message !== undefined) worker.postMessage(message);
    });
  }

  // Number 0 asks for nothing: the thread answers it when it is ready.
  await send(() => undefined);
  return {
    ask: (name, ...given) => send((id) => ({ id, name, given })),
    async close() {
      await send((id) => ({ id, name: "close" }));
      await endOf(worker);
    },
  };
}

/** Beside this file in the sources, beside the bundle in the package. */
function workerFile(): URL {
  const name = import.meta.url.endsWith(".ts") ? "./worker.ts" : "./sqlite-worker.js";
  return new URL(name, import.meta.url);
}

function received({ code, message, details }: SentError): MeanwhileError {
  return new MeanwhileError(code, message, details === undefined ? {} : { details });
}

async function endOf(worker: Worker): Promise<void> {
  worker.removeAllListeners();
  await worker.terminate();
}
