import { describe, expect, test } from "vitest";
import { chat, claude, responses, type TestedWire, wires } from "./wires.ts";

// The servers that stand for the providers are worth something only if they refuse.

const parameters = { type: "object" };
const chatTool = { type: "function", function: { name: "look", parameters } };
const responsesTool = { type: "function", name: "look", parameters, strict: false };
const claudeTool = { name: "look", input_schema: parameters };

const hi = { role: "user", content: "hi" };
const hello = { role: "assistant", content: "hello" };
const note = { type: "text", text: "a note" };
const result = (id: string) => ({ type: "tool_result", tool_use_id: id, content: "none" });

interface Case {
  readonly wire: TestedWire;
  readonly what: string;
  readonly messages?: object[];
  readonly tools?: object[];
  readonly says: RegExp;
}

function onEach(wire: TestedWire): Case[] {
  const { calls, answers } = wire;
  const tool = wire === chat ? chatTool : wire === responses ? responsesTool : claudeTool;
  return [
    { wire, what: "an empty conversation", messages: [], says: /non-empty array/ },
    { wire, what: "an empty content", messages: [wire.user("")], says: /non-empty/ },
    {
      wire,
      what: "a missing tool result",
      messages: [hi, ...calls("a", "b"), ...answers("a")],
      says: /\bb\b/,
    },
    {
      wire,
      what: "a user message between a call and its result",
      messages: [hi, ...calls("a"), hi, ...answers("a")],
      says: /response messages: a|function call a|blocks immediately after: a/,
    },
    {
      wire,
      what: "a result of an unknown call",
      messages: [hi, ...calls("a"), ...answers("a", "z")],
      says: /\bz\b/,
    },
    {
      wire,
      what: "a result without a call",
      messages: [hi, hello, ...answers("z")],
      says: /preceeding message|\bz\b/,
    },
    {
      wire,
      what: "a call id that comes twice",
      messages: [hi, ...calls("a"), ...answers("a"), ...calls("a"), ...answers("a")],
      says: /unique/,
    },
    {
      wire,
      what: "a conversation that ends with the model",
      messages: [hi, hello],
      says: /must not be the model's|end with a user message/,
    },
    {
      wire,
      what: "a tool in the shape of another provider",
      tools: [wire === chat ? responsesTool : chatTool],
      says: /Missing required parameter|not permitted/,
    },
    { wire, what: "two tools of one name", tools: [tool, tool], says: /unique/ },
  ];
}

const cases: readonly Case[] = [
  ...wires.flatMap(onEach),
  {
    wire: responses,
    what: "an open schema in strict mode",
    tools: [{ ...responsesTool, strict: true }],
    says: /additionalProperties/,
  },
  {
    wire: responses,
    what: "reasoning without what follows it",
    messages: [hi, { type: "reasoning", id: "rs_1", summary: [] }],
    says: /required following item/,
  },
  { wire: claude, what: "a first message of the model's", messages: [hello, hi], says: /first/ },
  { wire: claude, what: "two user messages in a row", messages: [hi, hi], says: /alternate/ },
  {
    wire: claude,
    what: "a text before a tool result",
    messages: [hi, ...claude.calls("a"), { role: "user", content: [note, result("a")] }],
    says: /come first/,
  },
  {
    wire: claude,
    what: "a tool result that comes twice",
    messages: [hi, ...claude.calls("a"), { role: "user", content: [result("a"), result("a")] }],
    says: /single result/,
  },
  {
    wire: claude,
    what: "an empty text block",
    messages: [{ role: "user", content: [{ ...note, text: "" }] }],
    says: /non-empty/,
  },
];

describe("the servers that stand for the providers", () => {
  test.each(cases)("$wire.name refuses $what", async ({ wire, messages = [hi], tools, says }) => {
    await using model = await wire.start([{ text: "accepted" }]);
    const { signal } = new AbortController();

    const request = wire.create(model)({ messages, tools, signal });

    await expect(request).rejects.toMatchObject({
      status: 400,
      message: expect.stringMatching(says),
    });
    expect(model.accepted).toEqual([]);
  });

  test.each(wires)("$name takes a well-formed conversation", async (wire) => {
    await using model = await wire.start([{ text: "accepted" }]);
    const { signal } = new AbortController();
    const messages = [hi, ...wire.calls("a", "b"), ...wire.answers("b", "a")];

    await wire.create(model)({ messages, signal });

    expect(model.refused).toEqual([]);
  });
});
