import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import type { BaseMessage } from "@langchain/core/messages";
import type { Story } from "kit/story";

/** For the `callbacks` of a run: tells when the model is shown a history that was condensed. */
export function watchHistory(story: Story): BaseCallbackHandler {
  let summaries = 0;
  let announced = 0;
  return BaseCallbackHandler.fromMethods({
    handleChatModelStart(_model, [messages = []]) {
      const now = messages.filter(isSummary).length;
      // What the tasks said is gone with the messages that said it.
      const again = messages.filter(isAnnouncement).length;
      if (now > summaries) story.tell("note", "the older messages are a summary now");
      if (again > announced) story.tell("note", "so the model is told again what still runs");
      summaries = now;
      announced = again;
    },
  });
}

function isSummary({ additional_kwargs }: BaseMessage): boolean {
  return additional_kwargs["lc_source"] === "summarization";
}

function isAnnouncement({ text }: BaseMessage): boolean {
  return text.startsWith("[Automatic") && text.includes("The conversation was condensed.");
}
