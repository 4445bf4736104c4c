import {
  BackgroundManager,
  defineTask,
  type ManagerOptions,
  memoryStore,
  type Session,
} from "@meanwhile/core";
import { virtualClock } from "@meanwhile/core/testing";
import { ToolLoopAgent, tool } from "ai";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { type AgentTaskOptions, agentTask, isAgentSession } from "../../src/index.ts";
import { type ScriptedModel, scripted, type Turn } from "../support/model.ts";

interface Team extends AsyncDisposable {
  readonly manager: BackgroundManager;
  /** Of the agent that starts the other. */
  readonly parent: Session;
  readonly sub: ScriptedModel;
  /** Ends the work that the sub-agent starts by its tool `dig`. */
  readonly dug: PromiseWithResolvers<string>;
  readonly digging: Promise<void>;
  start(): ReturnType<Session["start"]>;
  /** Every session for which a task was queued. */
  readonly sessions: Set<string>;
}

function openTeam(
  turns: readonly Turn[],
  more: Partial<AgentTaskOptions> & Pick<ManagerOptions, "clock"> = {},
): Team {
  const { clock, ...agentOptions } = more;
  const sub = scripted(turns);
  const dug = Promise.withResolvers<string>();
  const digging = Promise.withResolvers<void>();
  const dig = defineTask({
    name: "dig",
    description: "Digs.",
    input: z.object({}),
    run: () => {
      digging.resolve();
      return dug.promise;
    },
  });
  const researcher = agentTask({
    name: "researcher",
    description: "Researches.",
    manager: () => manager,
    agent: (background) =>
      new ToolLoopAgent({
        model: sub.model,
        maxRetries: 0,
        tools: background.tools({ definitions: { dig } }),
        onError: () => {},
      }),
    ...agentOptions,
  });
  const manager: BackgroundManager = new BackgroundManager({
    tasks: [researcher, dig],
    limits: { concurrency: 1 },
    ...(clock && { clock }),
  });
  const sessions = new Set<string>();
  manager.on("task-queued", ({ session }) => sessions.add(session));
  const parent = manager.session("chat-1");
  return {
    manager,
    parent,
    sub,
    dug,
    digging: digging.promise,
    sessions,
    start: () => parent.start(researcher, { prompt: "find gold" }),
    [Symbol.asyncDispose]: () => manager.close({ running: "cancel" }),
  };
}

const digs = { calls: [{ name: "dig", input: {} }] };

describe("agentTask", () => {
  test("its last answer is the result, and its transcript is not", async () => {
    await using team = openTeam([
      { text: "let me see", calls: [{ name: "list_tasks", input: {} }] },
      { text: "there is gold" },
    ]);

    const task = await team.start();
    await team.parent.notifications.wait();
    const { text } = await team.parent.notifications.receive();

    expect(team.sub.prompts[0]).toEqual(["user:find gold"]);
    expect(text).toContain("there is gold");
    expect(text).not.toContain("let me see");
    expect(await task.result()).toBe("there is gold");
    expect((await task.snapshot()).progress).toEqual({ completed: 2, message: "steps" });
  });

  test("its own tasks report to it, and to nobody else; it needs no second slot", async () => {
    await using team = openTeam([digs, { text: "I wait" }, { text: "it is iron" }]);
    const woken: string[] = [];
    team.manager.onWake(({ session }) => woken.push(session.id), { debounceMs: 0 });

    const task = await team.start();
    await team.digging;
    team.dug.resolve("iron");
    expect(await task.result()).toBe("it is iron");

    expect(team.sub.prompts[2]?.at(-1)).toMatch(/^user:.*iron/s);
    const [agents] = [...team.sessions].filter(isAgentSession);
    expect([...team.sessions]).toEqual(["chat-1", agents]);
    expect((await team.parent.list()).map(({ name }) => name)).toEqual(["researcher"]);
    const own = team.manager.session(agents ?? "");
    expect(own.notifications.pending()).toBe(0);
    await own.turn(() => {});
    expect(woken.filter(isAgentSession)).toEqual([]);
  });

  test("when it is cancelled its tasks are, and nothing is owed to it", async () => {
    await using team = openTeam([digs, { text: "I wait" }]);
    const task = await team.start();
    await team.digging;

    await task.cancel("enough");
    const own = team.manager.session([...team.sessions].find(isAgentSession) ?? "");
    await own.turn(() => {});

    expect((await own.list()).map(({ status }) => status)).toEqual(["cancelled"]);
    expect(own.notifications.pending()).toBe(0);
    expect((await task.snapshot()).status).toBe("cancelled");
  });

  test("what it leaves open when it ends is cancelled", async () => {
    await using team = openTeam([digs, { fails: "the provider is down" }]);

    const task = await team.start();

    await expect(task.result()).rejects.toMatchObject({
      message: expect.stringContaining("the provider is down"),
    });
    const own = team.manager.session([...team.sessions].find(isAgentSession) ?? "");
    expect((await own.list()).map(({ status }) => status)).toEqual(["cancelled"]);
  });

  test("a retry begins anew", async () => {
    await using team = openTeam([digs, { fails: "down" }, { text: "no gold" }], {
      retry: { attempts: 2, delayMs: 1 },
    });

    const task = await team.start();

    expect(await task.result()).toBe("no gold");
    expect(team.sub.prompts.at(-1)).toEqual(["user:find gold"]);
  });

  test("its time runs while the model is called, and not while it waits for its tasks", async () => {
    const clock = virtualClock();
    await using team = openTeam([digs, { text: "I wait" }, { hangs: true }], {
      clock,
      timeoutMs: 10_000,
    });
    const waiting = Promise.withResolvers<void>();
    team.manager.on("task-progress", ({ progress }) => {
      if (progress.completed === 2) waiting.resolve();
    });
    const task = await team.start();
    await team.digging;
    await waiting.promise;
    await clock.advance(60_000);
    team.dug.resolve("iron");
    await team.sub.hanging;
    expect((await task.snapshot()).status).toBe("running");

    await clock.advance(10_000);

    await expect(task.result()).rejects.toMatchObject({ code: "TIMEOUT" });
    const own = team.manager.session([...team.sessions].find(isAgentSession) ?? "");
    await own.turn(() => {});
    expect(await own.list({ status: ["queued", "running"] })).toEqual([]);
    expect(own.notifications.pending()).toBe(0);
    expect(team.parent.notifications.pending()).toBe(0);
  });

  test("an agent may have agents of its own, which report to it alone", async () => {
    const inner = scripted([{ text: "there is iron" }]);
    const miner = agentTask({
      name: "miner",
      description: "Mines.",
      manager: () => manager,
      agent: new ToolLoopAgent({ model: inner.model }),
    });
    const outer = scripted([
      { calls: [{ name: "miner", input: { prompt: "mine" } }] },
      { text: "I wait" },
      { text: "the miner found iron" },
    ]);
    const chief = agentTask({
      name: "chief",
      description: "Leads.",
      manager: () => manager,
      agent: (background) =>
        new ToolLoopAgent({
          model: outer.model,
          tools: background.tools({ definitions: { miner } }),
        }),
    });
    await using manager: BackgroundManager = new BackgroundManager({
      tasks: [chief, miner],
      limits: { concurrency: 1 },
    });
    const session = manager.session("chat-1");

    await session.start(chief, { prompt: "find iron" });
    await session.notifications.wait();
    const { notifications, text } = await session.notifications.receive();

    expect(notifications).toHaveLength(1);
    expect(text).toContain("the miner found iron");
    expect(text).not.toContain("there is iron");
    expect(outer.prompts[2]?.at(-1)).toContain("there is iron");
  });

  test("an agent that waits for an approval fails, and says why", async () => {
    const { model } = scripted([{ calls: [{ name: "deploy", input: {} }] }]);
    const deploy = tool({ inputSchema: z.object({}), execute: async () => "deployed" });
    const agent = new ToolLoopAgent({
      model,
      tools: { deploy },
      toolApproval: { deploy: "user-approval" },
    });
    await using team = openTeam([], { agent });

    const task = await team.start();

    await expect(task.result()).rejects.toMatchObject({
      message: expect.stringContaining("approval"),
    });
  });

  test.each([
    ["fail", "fails, and its tasks end with it"],
    ["restart", "begins anew where it may, and its tasks of before end"],
  ] as const)("an agent whose process died (%s) %s", async (recover, _what) => {
    const store = memoryStore();
    const waiting = Promise.withResolvers<void>();
    const dig = defineTask({
      name: "dig",
      description: "Digs.",
      input: z.object({}),
      recover: "restart",
      run: () => {
        waiting.resolve();
        return new Promise<string>(() => {});
      },
    });
    const open = (turns: readonly Turn[]): BackgroundManager => {
      const { model } = scripted(turns);
      const manager: BackgroundManager = new BackgroundManager({
        store,
        tasks: [
          agentTask({
            name: "researcher",
            description: "Researches.",
            manager: () => manager,
            agent: (background) =>
              new ToolLoopAgent({ model, tools: background.tools({ definitions: { dig } }) }),
            recover,
          }),
          dig,
        ],
      });
      return manager;
    };
    const first = open([digs, { text: "I wait" }]);
    const [researcher] = first.session("chat-1").tools();
    const answer = await researcher?.call({ prompt: "find gold" });
    await waiting.promise;
    await first.close({ running: "leave" });

    await using second = open([{ text: "there is gold" }]);
    const task = await second.session("chat-1").get(answer?.taskId ?? "");

    if (recover === "fail") {
      await expect(task.result()).rejects.toMatchObject({ code: "INTERRUPTED" });
    } else {
      expect(await task.result()).toBe("there is gold");
    }
    const own = second.session(`meanwhile-agent:${task.id}`);
    expect((await own.list()).map(({ status }) => status)).toEqual(["cancelled"]);
    expect(own.notifications.pending()).toBe(0);
  });
});
