"use client";

import { type ReactNode, useState } from "react";
import type { Question } from "../agent/approvals.ts";
import { sendCommand } from "../client/send-command.ts";

/** Asks whether exactly this command may run. */
export function Approval({
  address,
  question,
  onFailure,
}: {
  readonly address: string;
  readonly question: Question;
  readonly onFailure: (message: string | undefined) => void;
}): ReactNode {
  const [isSent, setIsSent] = useState(false);

  async function answer(isAllowed: boolean): Promise<void> {
    setIsSent(true);
    const failure = await sendCommand(address, { isAllowed });
    onFailure(failure);
    if (failure !== undefined) setIsSent(false);
  }

  return (
    <section className="approval" aria-label="Permission">
      <p>{question.reason}</p>
      <code>{question.text}</code>
      <div className="approval-buttons">
        <button
          type="button"
          className="button primary"
          disabled={isSent}
          onClick={() => void answer(true)}
        >
          Allow once
        </button>
        <button
          type="button"
          className="button"
          disabled={isSent}
          onClick={() => void answer(false)}
        >
          Refuse
        </button>
      </div>
    </section>
  );
}
