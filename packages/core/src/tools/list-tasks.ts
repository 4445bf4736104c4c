import { renderTask } from "../render/task.ts";
import type { Store, TaskRecord } from "../store/store.ts";
import { makeTool, type ToolPort } from "./make-tool.ts";
import type { Tool } from "./tool.ts";

const most = 50;
const page = 500;

export function listTasks(port: ToolPort): Tool {
  const { engine, session } = port;
  return makeTool<{ all?: boolean }>(port, {
    name: "list_tasks",
    description: "Lists your background tasks: those queued or running, or all.",
    inputSchema: {
      type: "object",
      properties: { all: { type: "boolean", description: "Also ended tasks." } },
      additionalProperties: false,
    },
    async answer({ all = false }) {
      await engine.opened();
      const { store } = engine;
      const live = await store.tasks({
        session: session.id,
        status: ["queued", "running"],
        limit: most + 1,
      });
      const ended = all ? await newestEnded(store, session.id, most - live.length) : nothing;
      const now = engine.clock.now();
      const { redact } = engine.options;
      const shown = [...ended.tasks, ...live.slice(0, most)];
      const lines = shown.map((task) => renderTask(task, { now, redact }));
      if (live.length > most) lines.push(`More than ${most} tasks: the oldest ${most} are shown.`);
      else if (ended.more)
        lines.push(`More than ${most} tasks: of the ended, the newest are shown.`);
      if (lines.length === 0) lines.push(all ? "No tasks." : "No task is queued or running.");
      return { text: lines.join("\n"), isError: false };
    },
  });
}

interface Ended {
  readonly tasks: readonly TaskRecord[];
  /** Whether there were more than asked for. */
  readonly more: boolean;
}

const nothing: Ended = { tasks: [], more: false };

/** Oldest first, as a store lists them; how many there are is bounded by the retention. */
async function newestEnded(store: Store, session: string, count: number): Promise<Ended> {
  let tasks: readonly TaskRecord[] = [];
  let more = false;
  for (let after: string | undefined; ; ) {
    const found = await store.tasks({
      session,
      status: ["completed", "failed", "cancelled"],
      limit: page,
      ...(after === undefined ? {} : { after }),
    });
    const all = [...tasks, ...found];
    tasks = all.slice(Math.max(all.length - Math.max(count, 0), 0));
    more ||= tasks.length < all.length;
    if (found.length < page) return { tasks, more };
    after = found.at(-1)?.id;
  }
}
