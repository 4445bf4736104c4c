import type { ApprovalRequest, Approve } from "../../../src/index.ts";
import { gate } from "../../support/world.ts";

interface Question {
  readonly request: ApprovalRequest;
  readonly signal: AbortSignal;
  answer(answer: unknown): void;
}

/** A person who is asked, and answers when the test says so. */
export interface Approver {
  readonly approve: Approve;
  readonly questions: readonly Question[];
  /** Resolves with the question of this number, from 0, once it was asked. */
  asked(number?: number): Promise<Question>;
}

export function createApprover(): Approver {
  const questions: Question[] = [];
  let tell = (): void => {};
  return {
    questions,
    approve(request, { signal }) {
      const answered = gate<boolean>();
      questions.push({ request, signal, answer: (answer) => answered.open(answer as boolean) });
      tell();
      return answered.opened;
    },
    async asked(number = 0) {
      while (questions.length <= number) {
        await new Promise<void>((resolve) => {
          tell = resolve;
        });
      }
      return questions[number] as Question;
    },
  };
}
