import { parentPort, workerData } from "node:worker_threads";
import { type Connection, type ConnectionOptions, openConnection } from "./connection.ts";
import { carryOut, operationsOn } from "./operations.ts";
import { storageError } from "./storage-error.ts";
import type { SentError, WorkerAnswer, WorkerRequest } from "./worker-access.ts";

/** The other side of `workerAccess`: owns the connection and answers in order. */
const options = workerData as ConnectionOptions;
const answer = (message: WorkerAnswer): void => parentPort?.postMessage(message);

openConnection(options).then(serve, (error: unknown) => answer({ id: 0, error: sent(error) }));

function serve(connection: Connection): void {
  const operations = operationsOn(connection);
  parentPort?.on("message", (request: WorkerRequest) => {
    const { id } = request;
    try {
      if (request.name === "close") {
        connection.database.close();
        answer({ id, value: undefined });
      } else {
        answer({ id, value: carryOut(operations, request.name, request.given as never) });
      }
    } catch (error) {
      answer({ id, error: sent(error) });
    }
  });
  answer({ id: 0, value: undefined });
}

function sent(error: unknown): SentError {
  const { code, message, details } = storageError(error, options.path);
  return { code, message, details };
}
