import type { Approve } from "@meanwhile/core";
import { singleton } from "../server/singleton.ts";

/** A command that somebody has to allow, as the page shows it. */
export interface Question {
  readonly taskId: string;
  /** The command, exactly as it would run, in visible ASCII. */
  readonly text: string;
  readonly reason: string;
}

interface OpenQuestion extends Question {
  readonly session: string;
  readonly answer: (isAllowed: boolean) => void;
}

const open = singleton("questions", () => new Map<string, OpenQuestion>());
const listeners = singleton("question-listeners", () => new Set<(session: string) => void>());

/** Asks the chat's user, and waits. After a restart the manager asks again. */
export const approve: Approve = ({ taskId, session, text, reason }, { signal }) => {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const change = (): void => {
    for (const listener of listeners) listener(session);
  };
  const answer = (isAllowed: boolean): void => {
    signal.removeEventListener("abort", giveUp);
    open.delete(taskId);
    resolve(isAllowed);
    change();
  };
  const giveUp = (): void => answer(false);
  open.set(taskId, { taskId, session, text, reason, answer });
  if (signal.aborted) giveUp();
  else signal.addEventListener("abort", giveUp, { once: true });
  change();
  return promise;
};

/** What a chat's user is asked now. */
export function questionsOf(session: string): Question[] {
  return [...open.values()]
    .filter((question) => question.session === session)
    .map(({ taskId, text, reason }) => ({ taskId, text, reason }));
}

/** Answers; false when the chat has no such question (any more). */
export function answerQuestion(session: string, taskId: string, isAllowed: boolean): boolean {
  const question = open.get(taskId);
  if (question?.session !== session) return false;
  question.answer(isAllowed);
  return true;
}

/** Calls back when what a chat is asked has changed. Gives what ends it. */
export function onQuestions(listener: (session: string) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
