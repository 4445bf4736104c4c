import { describe, expect, test } from "vitest";
import { type LoopTool, openaiChat } from "../../src/index.ts";
import { openSession } from "../support/test-session.ts";

const object = { type: "object", properties: {} };
const tool = (name: string, execute: LoopTool["execute"]): LoopTool => ({
  name,
  description: "A tool.",
  inputSchema: object,
  execute,
});

describe("call", () => {
  test("starts a task and acknowledges it", async () => {
    await using background = openSession();
    const { call } = openaiChat(background.session);

    const answer = await call("research", '{"topic":"tides"}');

    const [task] = await background.session.list();
    expect(answer).toContain(task?.id);
    expect(task).toMatchObject({ name: "research", input: { topic: "tides" } });
  });

  test("takes arguments as an object as well, and as nothing at all", async () => {
    await using background = openSession();
    const { call } = openaiChat(background.session);
    await call("research", { topic: "tides" });

    for (const none of ["", "  ", "{}", {}, undefined, null]) {
      expect(await call("list_tasks", none)).toContain("tides");
    }
  });

  test.each(["{", '{"topic":', "nonsense"])("answers %j with what is wrong", async (input) => {
    await using background = openSession();
    const { call } = openaiChat(background.session);

    expect(await call("research", input)).toContain("not valid JSON");
    expect(await background.session.list()).toEqual([]);
  });

  test.each(["[]", '"tides"', "42", "true", ["tides"], 42])(
    "answers %j, which is no object",
    async (input) => {
      await using background = openSession();
      const { call } = openaiChat(background.session);

      expect(await call("research", input)).toBe("The arguments must be one JSON object.");
    },
  );

  test.each(["nope", "", "__proto__", "constructor"])(
    "answers the unknown tool %j",
    async (name) => {
      await using background = openSession();
      const { call } = openaiChat(background.session);

      const answer = await call(name, "{}");

      expect(answer).toContain(`There is no tool ${JSON.stringify(name)}`);
      expect(answer).toContain("research, list_tasks");
    },
  );

  test("answers input that the schema refuses", async () => {
    await using background = openSession();
    const { call } = openaiChat(background.session);

    expect(await call("research", '{"topic":7}')).toContain("topic");
    expect(await background.session.list()).toEqual([]);
  });

  test("answers for a tool of your own: texts, JSON, nothing, and what it throws", async () => {
    await using background = openSession();
    const { call } = openaiChat(background.session, {
      tools: [
        tool("text", () => "as it is"),
        tool("json", async () => ({ level: 3 })),
        tool("nothing", () => undefined),
        tool("empty", () => ""),
        tool("throws", () => {
          throw new Error("no tide today");
        }),
        tool("rejects", () => Promise.reject("a text")),
        tool("unserialisable", () => 1n),
      ],
    });

    expect(await call("text", "{}")).toBe("as it is");
    expect(await call("json", "{}")).toBe('{"level":3}');
    expect(await call("nothing", "{}")).toBe("(no output)");
    expect(await call("empty", "{}")).toBe("(no output)");
    expect(await call("throws", "{}")).toBe("The tool failed: no tide today");
    expect(await call("rejects", "{}")).toBe("The tool failed: a text");
    expect(await call("unserialisable", "{}")).toContain("The tool failed: ");
  });

  test("does not begin a call that is aborted already", async () => {
    await using background = openSession();
    const { call } = openaiChat(background.session);

    const answer = await call("research", '{"topic":"tides"}', { signal: AbortSignal.abort() });

    expect(answer).toContain("aborted");
    expect(await background.session.list()).toEqual([]);
  });

  test("does not wait for a tool that ignores an abort", async () => {
    await using background = openSession();
    const began = Promise.withResolvers<void>();
    const { call } = openaiChat(background.session, {
      tools: [
        tool("stuck", () => {
          began.resolve();
          return new Promise(() => {});
        }),
      ],
    });
    const abort = new AbortController();

    const answer = call("stuck", "{}", { signal: abort.signal });
    await began.promise;
    abort.abort();

    expect(await answer).toContain("aborted before it answered");
  });

  test("two tools of one name are refused", async () => {
    await using background = openSession();
    const twice = [tool("look", () => ""), tool("look", () => "")];

    expect(() => openaiChat(background.session, { tools: twice })).toThrow('the name "look"');
  });
});
