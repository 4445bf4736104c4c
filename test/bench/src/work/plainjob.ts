import Database from "better-sqlite3";
import { better, defineQueue, defineWorker, JobStatus } from "plainjob";

const silent = { error() {}, warn() {}, info() {}, debug() {} };

/**
 * plainjob as its README uses it: jobs are added, and a worker processes one after the other. The
 * worker begins when all are added, so it never sleeps between polls.
 */
export function plainjob(
  path: string,
  synchronous: "NORMAL" | "FULL",
): { run(jobs: number, inBatch: number): Promise<void> } {
  const database = new Database(path);
  const queue = defineQueue({ connection: better(database), logger: silent });
  // Its own choice, NORMAL, is made when the queue is defined.
  database.pragma(`synchronous = ${synchronous}`);

  return {
    async run(jobs, inBatch) {
      for (let added = 0; added < jobs; added += inBatch) {
        if (inBatch === 1) queue.add("no_op", { number: added });
        else
          queue.addMany(
            "no_op",
            Array.from({ length: inBatch }, (_, index) => ({ number: added + index })),
          );
      }
      let left = jobs;
      const worker = defineWorker("no_op", async () => {}, {
        queue,
        logger: silent,
        onCompleted() {
          left -= 1;
          if (left === 0) void worker.stop();
        },
      });
      await worker.start();
      if (queue.countJobs({ status: JobStatus.Pending }) > 0) throw new Error("Jobs were left.");
    },
  };
}
