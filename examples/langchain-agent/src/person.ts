import { createInterface } from "node:readline/promises";
import type { BackgroundManager, Session } from "@meanwhile/core";
import { waitForNews } from "@meanwhile/core/adapters";
import type { Story } from "kit/story";
import type { Decision, HITLRequest } from "langchain";

/** Decides on each of the actions that the agent wants to take. */
export type Person = (request: HITLRequest, signal: AbortSignal) => Promise<Decision[]>;

/** The person at the terminal. */
export function personAtTerminal(story: Story): Person {
  return async ({ actionRequests }, signal) => {
    const lines = createInterface({ input: process.stdin });
    try {
      const decisions: Decision[] = [];
      for (const { name, args } of actionRequests) {
        story.tell("asks", `May the agent ${name} ${JSON.stringify(args)}? y or n, and Enter`);
        const answer = await lines.question("", { signal });
        decisions.push(
          /^\s*y/i.test(answer)
            ? { type: "approve" }
            : { type: "reject", message: "The user does not want that." },
        );
      }
      return decisions;
    } finally {
      lines.close();
    }
  };
}

/** Says yes, but takes its time: until something has come that must wait for it, if anything can. */
export function slowPerson(manager: BackgroundManager, session: Session, story: Story): Person {
  return async ({ actionRequests }, signal) => {
    for (const { name, args } of actionRequests) {
      story.tell("asks", `May the agent ${name} ${JSON.stringify(args)}?`);
    }
    const putOff = Promise.withResolvers<void>();
    const stop = manager.on("wake-retry", () => putOff.resolve());
    signal.addEventListener("abort", () => putOff.resolve(), { once: true });
    try {
      const news = await waitForNews(session, { signal });
      if (news === "news") await putOff.promise;
    } finally {
      stop();
    }
    signal.throwIfAborted();
    story.tell("user", "Yes.");
    return actionRequests.map(() => ({ type: "approve" }));
  };
}
