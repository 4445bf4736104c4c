import type { BaseMessage } from "@langchain/core/messages";
import { type BackgroundManager, MeanwhileError, type Session } from "@meanwhile/core";
import { awaitNews, hasOpenCalls, park, type ThreadUpdate } from "@meanwhile/langgraph";
import type { Runtime } from "langchain";

/** What becomes of a run that has nothing left to do while tasks of its thread are open. */
export type Idle = "end" | "wait" | "park";

/**
 * What a run that has nothing left to do goes on with, or undefined where it ends. With `"park"` it
 * may interrupt, and is called again from its beginning when the thread is woken.
 *
 * @throws the signal's reason when it aborts
 */
export async function untilNews(
  idle: Exclude<Idle, "end">,
  thread: {
    readonly manager: BackgroundManager;
    readonly session: Session;
    readonly messages: readonly BaseMessage[];
    readonly runtime: Runtime;
    readonly drain: () => Promise<ThreadUpdate | undefined>;
  },
): Promise<ThreadUpdate | undefined> {
  const { manager, session, messages, runtime, drain } = thread;
  if (hasOpenCalls(messages)) return undefined;
  try {
    for (;;) {
      const told = await drain();
      if (told !== undefined) return told;
      const open = await session.list({ status: ["queued", "running"], limit: 1 });
      if (open.length === 0) return drain();
      if (idle === "park") await park(session);
      else await awaitNews(manager, session, runtime);
    }
  } catch (error) {
    // The agent has said what it had to say.
    if (MeanwhileError.isInstance(error, "CLOSED")) return undefined;
    throw error;
  }
}
