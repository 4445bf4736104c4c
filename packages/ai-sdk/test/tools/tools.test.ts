import { convertToModelMessages, generateText, isStepCount } from "ai";
import { expect, test } from "vitest";
import { openChat } from "../support/chat.ts";
import { scripted } from "../support/model.ts";

const constant = [
  "list_tasks",
  "read_task",
  "wait_for_task",
  "send_to_task",
  "watch_task",
  "cancel_task",
];

test("gives the session's tools, in their order", async () => {
  await using chat = openChat();

  expect(Object.keys(chat.background.tools())).toEqual(["research", ...constant]);
  expect(Object.keys(chat.background.tools({ definitions: [] }))).toEqual(constant);
});

test("names a definition's tool as the caller does", async () => {
  await using chat = openChat();

  const tools = chat.background.tools({ definitions: { look_up: chat.research } });

  expect(Object.keys(tools)).toEqual(["look_up", ...constant]);
  expect(() => chat.background.tools({ definitions: { read_task: chat.research } })).toThrow(
    expect.objectContaining({ code: "INVALID_DEFINITION" }),
  );
});

test("sends the model the same tools on every call", async () => {
  await using chat = openChat();
  const { model } = scripted([{ text: "a" }, { text: "b" }]);

  await generateText({ model, tools: chat.background.tools(), prompt: "go" });
  await generateText({ model, tools: chat.background.tools(), prompt: "go" });

  const [one, other] = model.doGenerateCalls;
  expect(JSON.stringify(one?.tools)).toBe(JSON.stringify(other?.tools));
  expect(one?.tools?.map(({ name }) => name)).toEqual(["research", ...constant]);
  expect(one?.tools?.[0]).toMatchObject({
    inputSchema: { type: "object", properties: { topic: { type: "string" } } },
  });
});

test("a call starts a task, says which, and a bad one is answered with an error to act on", async () => {
  await using chat = openChat();
  const { model, prompts } = scripted([
    {
      calls: [
        { name: "research", input: { topic: "tides" } },
        { name: "research", input: { topic: 7 } },
      ],
    },
    { text: "done" },
  ]);

  const tools = chat.background.tools();
  const { steps } = await generateText({ model, tools, prompt: "go", stopWhen: isStepCount(3) });

  const [started, refused] = steps[0]?.toolResults ?? [];
  const [task] = await chat.background.session.list();
  expect(started?.output).toMatchObject({ isError: false, taskId: task?.id });
  expect(refused?.output).toMatchObject({ isError: true });
  expect(prompts[1]?.at(-1)).toContain(`Task ${task?.id} (tides) is running in the background.`);
  expect(prompts[1]?.at(-1)).toContain("Error (INVALID_INPUT)");
  const sent = model.doGenerateCalls[1]?.prompt.at(-1);
  expect(sent?.content).toMatchObject([
    { output: { type: "text" } },
    { output: { type: "error-text" } },
  ]);
});

test("a result that comes within the grace is the answer, and is not told", async () => {
  await using chat = openChat();
  const { model, prompts } = scripted([
    { calls: [{ name: "research", input: { topic: "tides" } }] },
    { text: "done" },
  ]);
  const stop = chat.manager.on("task-start", () => void chat.finish("tides"));

  const tools = chat.background.tools({ graceMs: 60_000 });
  await generateText({
    model,
    tools,
    prompt: "go",
    stopWhen: isStepCount(3),
    ...chat.background.attach(),
  });
  stop();

  expect(prompts[1]?.at(-1)).toMatch(/^tool:.*all about tides/s);
  expect(chat.background.session.notifications.pending()).toBe(0);
});

test("a reloaded chat sends the model the same answer again", async () => {
  await using chat = openChat();
  const { model, prompts } = scripted([
    { calls: [{ name: "list_tasks", input: {} }] },
    { text: "none" },
    { text: "still none" },
  ]);
  const tools = chat.background.tools();
  const call = { model, tools, stopWhen: isStepCount(3) };
  const first = await generateText({ ...call, prompt: "go" });
  const result = first.steps[0]?.toolResults[0];

  const messages = await convertToModelMessages(
    [
      { role: "user", parts: [{ type: "text", text: "go" }] },
      {
        role: "assistant",
        parts: [
          { type: "step-start" },
          {
            type: "tool-list_tasks",
            toolCallId: result?.toolCallId ?? "",
            state: "output-available",
            input: {},
            output: JSON.parse(JSON.stringify(result?.output)),
          },
        ],
      },
    ],
    { tools },
  );
  await generateText({ ...call, messages });

  expect(prompts[2]).toEqual(prompts[1]);
});
