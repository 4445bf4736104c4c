import { HumanMessage } from "@langchain/core/messages";
import { Command } from "@langchain/langgraph";
import type { Story } from "kit/story";
import type { HITLRequest } from "langchain";
import type { SiteAgent } from "./agent.ts";
import type { Person } from "./person.ts";

export interface Line {
  readonly text: string;
  /** Milliseconds without news after which the next line is said. @default unlimited */
  readonly patienceMs?: number;
}

export interface ConversationOptions extends SiteAgent {
  readonly lines: readonly Line[];
  /** Decides what may be done that cannot be taken back. */
  readonly person: Person;
  readonly story: Story;
  readonly signal: AbortSignal;
}

const thread = { configurable: { thread_id: "site" } };

/**
 * Says the lines, lets the agent answer them and what its tasks bring, and asks the person.
 *
 * @throws the signal's reason when it aborts
 */
export async function converse(options: ConversationOptions): Promise<void> {
  const { agent, runner, lines, person, story, signal } = options;

  for (const { text, patienceMs } of lines) {
    story.tell("user", text);
    const limits = { signal, maxIdleMs: patienceMs };
    const input = { messages: [new HumanMessage(text)] };
    let end = await runner.runUntilIdle(input, thread, limits);
    while (end.reason === "waiting-for-human") {
      // What ends while the person thinks wakes the thread in vain, and is told after the answer.
      const stopWaking = runner.autoWake();
      const { tasks } = await agent.graph.getState(thread);
      const [question] = tasks.flatMap(({ interrupts }) => interrupts);
      const decisions = await person(question?.value as HITLRequest, signal).finally(stopWaking);
      end = await runner.runUntilIdle(new Command({ resume: { decisions } }), thread, limits);
    }
    signal.throwIfAborted();
  }
}
