import { MeanwhileError } from "@meanwhile/core";
import { convertToModelMessages } from "ai";

let support: Promise<boolean> | undefined;

/**
 * Without these parts a chat would not know what it was told, and be told it again for ever.
 *
 * @throws MeanwhileError `INVALID_OPTION` when this version of the AI SDK does not have them
 */
export async function requireSteeringParts(): Promise<void> {
  support ??= hasSteeringParts();
  if (await support) return;
  throw new MeanwhileError(
    "INVALID_OPTION",
    "Chats need `steering-message` parts of the AI SDK, which `ai` has from 7.0.163 on. Install such a version, or use `runUntilIdle`, which works without them.",
  );
}

async function hasSteeringParts(): Promise<boolean> {
  const part = { type: "steering-message", id: "1", parts: [{ type: "text", text: "." }] } as const;
  const messages = await convertToModelMessages([
    { role: "assistant", parts: [{ ...part, parts: [...part.parts] }] },
  ]);
  return messages.some(({ role }) => role === "user");
}
