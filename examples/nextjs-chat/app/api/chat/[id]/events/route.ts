import { createBackground } from "@meanwhile/ai-sdk";
import { onQuestions, questionsOf } from "../../../../../agent/approvals.ts";
import { manager } from "../../../../../agent/manager.ts";
import type { StoredChat } from "../../../../../server/chats.ts";
import { get } from "../../../../../server/endpoint.ts";
import { eventStream } from "../../../../../server/event-stream.ts";
import { onTurn } from "../../../../../server/live-turns.ts";

/**
 * What moves in a chat while nobody speaks. `turn`: there may be messages to fetch; `task`: how a
 * task stands; `questions`: what the user is asked.
 */
export const GET = get(async ({ chat, request }) =>
  eventStream(request.signal, (send) => {
    send("turn", {});
    send("questions", questionsOf(chat.id));
    const stopTurns = onTurn(chat.id, () => send("turn", {}));
    const stopQuestions = onQuestions((session) => {
      if (session === chat.id) send("questions", questionsOf(session));
    });
    const tasks = createBackground(manager, { session: chat.id })
      .watchTasks({ ids: tasksIn(chat) })
      .getReader();
    void (async () => {
      for (;;) {
        const { value } = await tasks.read();
        if (value === undefined) return;
        send("task", value);
      }
    })();
    return () => {
      stopTurns();
      stopQuestions();
      void tasks.cancel();
    };
  }),
);

/** The ids of the tasks that the messages show. */
function tasksIn(chat: StoredChat): Set<string> {
  const parts = chat.messages().flatMap((message) => message.parts);
  return new Set(parts.flatMap((part) => (part.type === "data-task" ? [part.data.id] : [])));
}
