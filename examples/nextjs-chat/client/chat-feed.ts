import type { TaskData } from "@meanwhile/ai-sdk";
import type { Question } from "../agent/approvals.ts";

/** What moves in a chat beside its messages. */
export interface ChatFeed {
  readonly tasks: ReadonlyMap<string, TaskData>;
  readonly questions: ReadonlyMap<string, Question>;
  /** Whether the server was heard yet. */
  readonly isHeard: boolean;
  /** Whether it can be heard, as far as is known. */
  readonly isConnected: boolean;
}

export interface FeedStore {
  readonly get: () => ChatFeed;
  readonly subscribe: (listener: () => void) => () => void;
  /** Connects, until what it gives is called. A page that nobody looks at holds no connection. */
  readonly connect: () => () => void;
}

/** Follows the events of a chat. */
export function createFeed(chatId: string, onTurn: () => void): FeedStore {
  const listeners = new Set<() => void>();
  let feed: ChatFeed = {
    tasks: new Map(),
    questions: new Map(),
    isHeard: false,
    isConnected: true,
  };
  let source: EventSource | undefined;

  function change(changed: Partial<ChatFeed>): void {
    feed = { ...feed, ...changed };
    for (const listener of listeners) listener();
  }

  function open(): void {
    source = new EventSource(`/api/chat/${chatId}/events`);
    source.addEventListener("open", () => change({ isHeard: true, isConnected: true }));
    source.addEventListener("error", () => change({ isConnected: false }));
    source.addEventListener("turn", onTurn);
    source.addEventListener("task", ({ data }) => {
      const task = JSON.parse(data) as TaskData;
      change({ tasks: new Map(feed.tasks).set(task.id, task) });
    });
    source.addEventListener("questions", ({ data }) => {
      const questions = JSON.parse(data) as Question[];
      change({ questions: new Map(questions.map((question) => [question.taskId, question])) });
    });
  }

  function look(): void {
    if (document.visibilityState === "hidden") {
      source?.close();
      source = undefined;
    } else if (source === undefined) {
      open();
    }
  }

  return {
    get: () => feed,
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    connect() {
      document.addEventListener("visibilitychange", look);
      look();
      return () => {
        document.removeEventListener("visibilitychange", look);
        source?.close();
        source = undefined;
      };
    },
  };
}
