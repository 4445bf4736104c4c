import { generateText, isStepCount, type ModelMessage, pruneMessages, streamText } from "ai";
import type { MockLanguageModelV4 } from "ai/test";
import { type Background, conversation } from "../../src/index.ts";
import { type Host, type HostKind, type How, hostTools, toolApproval } from "./host.ts";
import { finished, ways } from "./ways.ts";

type Step = Parameters<typeof conversation>[1]["steps"][number];

interface Turn extends Omit<How, "prunes" | "cannotSave"> {
  readonly background: Background;
  readonly model: MockLanguageModelV4;
  /** What the model is sent. */
  readonly messages: ModelMessage[];
  /** Saves what the steps so far have added. Throws when the storage fails. */
  readonly stepEnded: (step: Step) => void;
  /** The same for a whole conversation. */
  readonly save: (messages: ModelMessage[]) => void;
}

/** Hosts that keep model messages. */
export const modelHosts: readonly HostKind[] = [
  ...ways.map(
    ({ name, run }): HostKind => ({
      name: `attach to ${name}`,
      aborts: true,
      streams: /stream/i.test(name),
      open: hostOf(async ({ background, signal, stepEnded, model, messages, steps = 10 }) => {
        const tools = hostTools(background);
        const attachment = background.attach({
          ...(signal && { signal }),
          onStepEnd: stepEnded,
          onError: () => {},
        });
        await run({ model, tools, toolApproval, messages, steps }, attachment);
      }),
    }),
  ),
  ...(["generateText", "streamText"] as const).map(
    (name): HostKind => ({
      name: `prepareStep with ${name}`,
      aborts: true,
      streams: name === "streamText",
      open: hostOf(async ({ background, signal, stepEnded, model, messages, steps = 10 }) => {
        const call = {
          model,
          tools: hostTools(background),
          toolApproval,
          messages,
          stopWhen: isStepCount(steps),
          maxRetries: 0,
          ...(signal && { abortSignal: signal }),
          ...background.prepareStep({ onStepEnd: stepEnded, onError: () => {} }),
        };
        if (name === "generateText") await generateText(call);
        else await finished(streamText({ ...call, onError: () => {} }));
      }),
    }),
  ),
  {
    name: "runUntilIdle",
    aborts: true,
    goesOn: true,
    open: hostOf(async ({ background, signal, model, messages, save, steps = 10 }) => {
      const settings = {
        tools: hostTools(background),
        toolApproval,
        stopWhen: isStepCount(steps),
        maxRetries: 0,
      };
      await background.runUntilIdle({
        messages,
        ...(signal && { signal }),
        generate: (call) => generateText({ model, ...settings, ...call }),
        onTurnEnd: (turn) => save(turn.messages),
      });
    }),
  },
];

function hostOf(run: (turn: Turn) => Promise<void>): HostKind["open"] {
  return (background, model): Host => {
    let json = JSON.stringify([
      { role: "user", content: "hello" },
      { role: "assistant", content: "hi" },
    ]);
    const saved = (): ModelMessage[] => JSON.parse(json) as ModelMessage[];

    async function turn(added: ModelMessage, how: How = {}): Promise<void> {
      const { prunes = false, cannotSave = false, ...rest } = how;
      const before = [...saved(), added];
      const messages = prunes ? pruneMessages({ messages: before, toolCalls: "all" }) : before;
      const ended: Step[] = [];
      const save = (after: ModelMessage[]): void => {
        if (cannotSave) throw new Error("the disk is full");
        // What was pruned stays saved.
        json = JSON.stringify([...before, ...after.slice(messages.length)]);
      };
      const stepEnded = (step: Step): void => {
        ended.push(step);
        const responseMessages = ended.flatMap(({ response }) => response.messages);
        save(conversation(messages, { steps: ended, responseMessages }));
      };
      await run({ ...rest, background, model, messages, save, stepEnded });
    }

    return {
      saved,
      ask: (text, how) => turn({ role: "user", content: text }, how),
      approve: () =>
        turn({
          role: "tool",
          content: [
            { type: "tool-approval-response", approvalId: questionIn(saved()), approved: true },
          ],
        }),
    };
  };
}

function questionIn(messages: readonly ModelMessage[]): string {
  const last = messages.findLast(({ role }) => role === "assistant");
  const parts = typeof last?.content === "string" ? [] : (last?.content ?? []);
  const [id = ""] = parts.flatMap((part) =>
    part.type === "tool-approval-request" ? [part.approvalId] : [],
  );
  return id;
}
