import { z } from "zod";
import { answerQuestion } from "../../../../../../../agent/approvals.ts";
import { post } from "../../../../../../../server/endpoint.ts";
import { Refusal } from "../../../../../../../server/refusal.ts";

/** The user allows a command, or refuses it. */
export const POST = post(z.object({ isAllowed: z.boolean() }), async ({ chat, taskId, body }) => {
  if (!answerQuestion(chat.id, taskId, body.isAllowed)) {
    throw new Refusal("NOT_FOUND", "There is no such question, or it was answered already.");
  }
  return Response.json({ isAllowed: body.isAllowed });
});
