import { MeanwhileError } from "@meanwhile/core";
import { z } from "zod";
import { manager } from "../../../../../../../agent/manager.ts";
import { post } from "../../../../../../../server/endpoint.ts";
import { Refusal } from "../../../../../../../server/refusal.ts";

/** The user ends a task. The agent is told. */
export const POST = post(z.object({}), async ({ chat, taskId }) => {
  try {
    const isCancelled = await manager.session(chat.id).cancel(taskId, "The user cancelled it.");
    return Response.json({ isCancelled });
  } catch (error) {
    if (!MeanwhileError.isInstance(error, "UNKNOWN_TASK")) throw error;
    throw new Refusal("NOT_FOUND", "There is no such task.");
  }
});
