import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { openConversation } from "../src/conversation.ts";
import { reply } from "../src/scripted-model.ts";

function makeFile(): string {
  const folder = mkdtempSync(join(tmpdir(), "meanwhile-demo-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, "conversation.json");
}

function called(...ids: string[]) {
  const tool_calls = ids.map((id) => ({
    id,
    type: "function" as const,
    function: { name: "summarise", arguments: "{}" },
  }));
  return { role: "assistant", content: null, tool_calls } as const;
}

test("a conversation is there again for the next process", () => {
  const file = makeFile();
  const conversation = openConversation(file);
  conversation.hear("hello");
  conversation.keep({ role: "assistant", content: "It is done." }, 1, [{ id: "t_1.end" }]);

  const again = openConversation(file);

  expect(again.messages).toEqual(conversation.messages);
  expect(again.told).toEqual(["t_1.end"]);
  expect(again.lines).toBe(1);
});

test("calls that a killed process left without an answer are answered truthfully", () => {
  const file = makeFile();
  const conversation = openConversation(file);
  conversation.hear("Summarise it.");
  conversation.keep(called("call_1", "call_2"), 1, []);
  conversation.keep({ role: "tool", tool_call_id: "call_1", content: "Task t_1 …" }, 2, []);

  const { messages } = openConversation(file);

  expect(messages.slice(3)).toEqual([
    {
      role: "tool",
      tool_call_id: "call_2",
      content: expect.stringContaining("may have taken effect; list_tasks shows"),
    },
  ]);
});

test("the scripted model then looks what was started before it starts anything", () => {
  const file = makeFile();
  const conversation = openConversation(file);
  conversation.hear("Summarise it.");
  conversation.keep(called("call_1"), 1, []);

  const { tool_calls } = reply({ messages: [...openConversation(file).messages], tools: [] });

  expect(tool_calls).toMatchObject([{ function: { name: "list_tasks" } }]);
});
