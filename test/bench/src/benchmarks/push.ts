import type { ServerResponse } from "node:http";
import type { Benchmark, Line, Measures } from "../harness/benchmark.ts";
import { quantile } from "../harness/statistics.ts";
import { openPage } from "../work/first-byte.ts";

const warmUp = 30;
const samples = (quick: boolean): number => warmUp + (quick ? 20 : 200);

/** A page keeps a request open; from the end of a task to the first byte of the answer on it. */
export const benchmark: Benchmark = {
  title: "From a task's end to the first pushed byte in an idle chat (HTTP on the loopback)",
  contenders: {
    async "bare write"({ quick }) {
      let waiting: ServerResponse | undefined;
      await using page = await openPage((_, response) => {
        waiting = response;
      });
      return await measure(quick, page, () => {
        waiting?.writeHead(200, { "content-type": "text/event-stream" });
        waiting?.end('data: {"type":"start"}\n\n');
      });
    },
    "pushTurn, memory": async ({ folder, quick }) => {
      const { openManager } = await import("../work/open-manager.ts");
      return push(await openManager(folder, 8), quick);
    },
    "pushTurn, SQLite": async ({ folder, quick }) => {
      const { openDurable } = await import("../work/open-durable.ts");
      return push(await openDurable(folder, 8), quick);
    },
  },
  lines: [
    line("memory", "p50", "in memory, p50"),
    line("memory", "p99", "in memory, p99"),
    line("SQLite", "p50", "SQLite FULL, p50"),
    line("SQLite", "p99", "SQLite FULL, p99"),
  ],
};

function line(store: string, measure: string, what: string): Line {
  return {
    what,
    unit: "ms",
    ours: { contender: `pushTurn, ${store}`, measure },
    beside: { name: "a bare callback that writes", contender: "bare write", measure },
  };
}

async function push(
  manager: import("@meanwhile/core").BackgroundManager,
  quick: boolean,
): Promise<Measures> {
  const { createBackground } = await import("@meanwhile/ai-sdk");
  const { isStepCount, pipeUIMessageStreamToResponse, streamText } = await import("ai");
  const { scriptedModel } = await import("../work/scripted-model.ts");
  const model = scriptedModel(() => ({ text: "It is in." }));
  const background = createBackground(manager, { session: "chat" });
  await using page = await openPage(async (_, response) => {
    const stream = await background.pushTurn({
      messages: [{ id: "1", role: "user", parts: [{ type: "text", text: "go" }] }],
      stream: (call) => streamText({ model, stopWhen: isStepCount(5), ...call }),
    });
    if (stream !== undefined) await pipeUIMessageStreamToResponse({ response, stream });
  });
  let end = (): void => {};
  return await measure(
    quick,
    page,
    () => end(),
    async () => {
      const over = new Promise<void>((resolve) => {
        end = resolve;
      });
      await background.session.start(() => over);
    },
  );
}

async function measure(
  quick: boolean,
  page: Awaited<ReturnType<typeof openPage>>,
  happen: () => void,
  prepare: () => Promise<void> = async () => {},
): Promise<Measures> {
  const all: number[] = [];
  while (all.length < samples(quick)) {
    await prepare();
    await page.listen();
    // The request waits by then.
    await new Promise((resolve) => setTimeout(resolve, 5));
    const begun = performance.now();
    happen();
    await page.firstByte();
    all.push(performance.now() - begun);
  }
  const warm = all.slice(warmUp);
  return { p50: quantile(warm, 0.5), p99: quantile(warm, 0.99) };
}
