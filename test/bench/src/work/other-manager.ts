// Another process on the store in the folder that it is given: starts a task of the session when it
// is told to, and answers with the time at which it was settled.
import { noOp } from "./no-op.ts";
import { openDurable } from "./open-durable.ts";

const manager = await openDurable(process.argv[2] as string, 8);
const session = manager.session("bench");
manager.on("task-end", () => process.send?.(String(process.hrtime.bigint())));
process.on("message", () => void session.start(noOp, { number: 1 }));
process.on("disconnect", () => process.exit());
process.send?.("ready");
