import { DatabaseSync } from "node:sqlite";
import { type BaseCheckpointSaver, MemorySaver } from "@langchain/langgraph";
import {
  BackgroundManager,
  defineTask,
  memoryStore,
  type Session,
  type Store,
} from "@meanwhile/core";
import { createAgent, humanInTheLoopMiddleware, tool } from "langchain";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { sqliteSaver } from "../../../langgraph/test/support/sqlite-saver.ts";
import {
  type AgentTaskOptions,
  agentTask,
  createRunner,
  isAgentSession,
  meanwhileMiddleware,
} from "../../src/index.ts";
import { say } from "../support/agent.ts";
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

interface TeamOptions extends Partial<Omit<AgentTaskOptions<string>, "agent">> {
  readonly store?: Store;
  readonly checkpointer?: BaseCheckpointSaver;
  readonly agent?: Partial<Parameters<typeof createAgent>[0]>;
}

const deploy = tool(async () => "deployed", {
  name: "deploy",
  description: "Deploys.",
  schema: z.object({}),
});
const approval = humanInTheLoopMiddleware({ interruptOn: { deploy: true } } as never) as never;

function openTeam(turns: readonly Turn[], options: TeamOptions = {}): Team {
  const { store = memoryStore(), checkpointer = new MemorySaver(), agent: more, ...rest } = options;
  const sub = scripted(...turns);
  const dug = Promise.withResolvers<string>();
  const digging = Promise.withResolvers<void>();
  const dig = defineTask({
    name: "dig",
    description: "Digs.",
    input: z.object({}),
    recover: "restart",
    run: () => {
      digging.resolve();
      return dug.promise;
    },
  });
  const researcher = agentTask({
    name: "researcher",
    description: "Researches.",
    manager: () => manager,
    agent: () =>
      createAgent({
        model: sub.model,
        checkpointer,
        ...more,
        middleware: [
          meanwhileMiddleware({ manager, definitions: [dig] }),
          ...((more?.middleware as never[]) ?? []),
        ],
      }),
    ...rest,
  });
  const manager: BackgroundManager = new BackgroundManager({
    store,
    tasks: [researcher, dig],
    limits: { concurrency: 1 },
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

const digs = { calls: [{ name: "dig" }] };
const ownSession = (team: Team): Session =>
  team.manager.session([...team.sessions].find(isAgentSession) ?? "");

describe("agentTask", () => {
  test("its last answer is the result, and its transcript is not", async () => {
    await using team = openTeam([
      { text: "let me see", calls: [{ name: "list_tasks" }] },
      { text: "there is gold" },
    ]);

    const task = await team.start();
    await team.parent.notifications.wait();
    const { text } = await team.parent.notifications.receive();

    expect(team.sub.prompts[0]).toEqual(["human:find gold"]);
    expect(text).toContain("there is gold");
    expect(text).not.toContain("let me see");
    expect(await task.result()).toBe("there is gold");
  });

  test("its own tasks report to it, and to nobody else; it needs no second slot", async () => {
    await using team = openTeam([digs, { text: "I wait" }, { text: "it is iron" }]);
    const woken: string[] = [];
    team.manager.onWake(({ session }) => void woken.push(session.id), { debounceMs: 0 });

    const task = await team.start();
    await team.digging;
    team.dug.resolve("iron");
    expect(await task.result()).toBe("it is iron");

    expect(team.sub.prompts[2]?.at(-1)).toMatch(/^human:.*iron/s);
    expect((await team.parent.list()).map(({ name }) => name)).toEqual(["researcher"]);
    const own = ownSession(team);
    expect(own.notifications.pending()).toBe(0);
    await own.turn(() => {});
    expect(woken.filter(isAgentSession)).toEqual([]);
  });

  test("when it is cancelled its tasks are, and nothing is owed to it", async () => {
    await using team = openTeam([digs, { text: "I wait" }]);
    const task = await team.start();
    await team.digging;

    const own = ownSession(team);
    const over = Promise.withResolvers<string>();
    team.manager.on("task-end", (event) => {
      if (event.session === own.id) over.resolve(event.status);
    });
    await task.cancel("enough");

    expect(await over.promise).toBe("cancelled");
    await own.turn(() => {});
    expect(own.notifications.pending()).toBe(0);
    expect((await task.snapshot()).status).toBe("cancelled");
  });

  test("a failed attempt leaves nothing behind, and says why", async () => {
    await using team = openTeam([digs, { fails: "the provider is down" }]);

    const task = await team.start();

    await expect(task.result()).rejects.toMatchObject({
      message: expect.stringContaining("the provider is down"),
    });
    expect((await ownSession(team).list()).map(({ status }) => status)).toEqual(["cancelled"]);
  });

  test("a retry goes on from its checkpoint", async () => {
    await using team = openTeam([digs, { fails: "down" }, { text: "I wait" }, { text: "iron" }], {
      retry: { attempts: 2, delayMs: 1 },
    });

    const task = await team.start();
    await team.digging;
    team.dug.resolve("iron");

    expect(await task.result()).toBe("iron");
    expect(team.sub.prompts[2]?.slice(0, 2)).toEqual(["human:find gold", "ai:call(dig)"]);
    expect(await ownSession(team).list()).toHaveLength(1);
  });

  test("an agent that waits for an approval fails, and says why; or is answered", async () => {
    const turns = [{ calls: [{ name: "deploy" }] }, { text: "it is deployed" }];
    const agent = { tools: [deploy], middleware: [approval] };
    {
      await using team = openTeam(turns, { agent });
      await expect((await team.start()).result()).rejects.toMatchObject({
        message: expect.stringContaining("asks a person"),
      });
    }
    await using team = openTeam(turns, {
      agent,
      answer: () => ({ decisions: [{ type: "approve" }] }),
    });
    expect(await (await team.start()).result()).toBe("it is deployed");
  });

  test("a result of your own, and an input of your own", async () => {
    const { model, prompts } = scripted({ text: "seven" });
    const counter = agentTask({
      name: "counter",
      description: "Counts.",
      manager: () => manager,
      agent: createAgent({ model, checkpointer: new MemorySaver() }),
      input: z.object({ things: z.string() }),
      toInput: ({ things }) => say(`count ${things}`),
      result: ({ messages }) => (messages as unknown[]).length,
    });
    await using manager: BackgroundManager = new BackgroundManager({ tasks: [counter] });

    const task = await manager.session("chat-1").start(counter, { things: "dwarfs" });

    expect(await task.result()).toBe(2);
    expect(prompts).toEqual([["human:count dwarfs"]]);
  });

  test("a process that dies goes on from the checkpoint, and starts nothing twice", async () => {
    const store = memoryStore();
    const checkpointer = sqliteSaver(new DatabaseSync(":memory:"));
    const waits = Promise.withResolvers<void>();
    const first = openTeam([digs, { text: "I wait" }], { store, checkpointer });
    const save = checkpointer.put.bind(checkpointer);
    checkpointer.put = async (...given) => {
      const saved = await save(...given);
      if (JSON.stringify(given[1].channel_values).includes("I wait")) waits.resolve();
      return saved;
    };
    const { id } = await first.start();
    await first.digging;
    await waits.promise;
    await first.manager.close({ running: "leave" });

    await using second = openTeam([{ text: "it is iron" }], { store, checkpointer });
    const task = await second.parent.get(id);
    await second.digging;
    second.dug.resolve("iron");

    expect(await task.result()).toBe("it is iron");
    expect(second.sub.prompts).toHaveLength(1);
    expect(second.sub.prompts[0]).toEqual([
      "human:find gold",
      "ai:call(dig)",
      expect.stringMatching(/^tool:/),
      "ai:I wait",
      expect.stringMatching(/iron/),
    ]);
  });

  test("a parent agent starts it by its tool, and is told of it once", async () => {
    await using team = openTeam([{ text: "there is gold" }]);
    const main = scripted(
      { calls: [{ name: "researcher", args: { prompt: "find gold" } }] },
      { text: "it runs" },
      { text: "gold it is" },
    );
    const agent = createAgent({
      model: main.model,
      middleware: [meanwhileMiddleware({ manager: team.manager })],
      checkpointer: new MemorySaver(),
    });
    const config = { configurable: { thread_id: team.parent.id } };

    const { reason } = await createRunner(agent, team).runUntilIdle(say("go"), config);

    expect(reason).toBe("idle");
    expect(main.prompts.at(-1)?.filter((line) => /there is gold/.test(line))).toHaveLength(1);
  });
});
