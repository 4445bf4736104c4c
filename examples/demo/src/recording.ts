import type { AgentEvent } from "./agent.ts";
import type { TaskView } from "./progress.ts";

/** A stretch of time, in milliseconds of `performance.now()`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What happened when, in one run of the agent. */
export interface Recording extends Span {
  /** While the model was at work. */
  readonly thinking: readonly Span[];
  /** From each line of the user's to the agent's answer to it. */
  readonly answers: readonly Span[];
  readonly tasks: readonly TaskView[];
  /** When the agent told the user of a task, by its id. */
  readonly told: ReadonlyMap<string, number>;
}

export function startRecording(): {
  readonly event: (event: AgentEvent) => void;
  readonly finish: (tasks: readonly TaskView[]) => Recording;
} {
  const start = performance.now();
  const thinking: Span[] = [];
  const answers: Span[] = [];
  const told = new Map<string, number>();
  let thinkingSince = start;
  let asked: number[] = [];
  let news: string[] = [];

  return {
    event(event) {
      const now = performance.now();
      if (event.type === "thinking" && event.isThinking) thinkingSince = now;
      if (event.type === "thinking" && !event.isThinking) {
        thinking.push({ start: thinkingSince, end: now });
      }
      if (event.type === "heard") asked.push(event.line.askedAt);
      if (event.type === "news") news.push(event.notification.taskId);
      if (event.type === "said") {
        answers.push(...asked.map((at) => ({ start: at, end: now })));
        for (const taskId of news) told.set(taskId, now);
        asked = [];
        news = [];
      }
    },
    finish: (tasks) => ({ start, end: performance.now(), thinking, answers, tasks, told }),
  };
}
