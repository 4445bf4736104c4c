import type { BaseMessage } from "@langchain/core/messages";
import { MeanwhileError } from "@meanwhile/core";

/** How large a history is: all that is given must be reached. */
export interface HistorySize {
  readonly messages?: number;
  readonly tokens?: number;
}

/** Gives the tokens of messages. */
export type TokenCounter = (messages: BaseMessage[]) => number | Promise<number>;

/** Whether the messages reach one of the sizes. */
export async function reaches(
  messages: readonly BaseMessage[],
  sizes: readonly HistorySize[],
  countTokens: TokenCounter,
): Promise<boolean> {
  let tokens: number | undefined;
  for (const size of sizes) {
    if (size.messages !== undefined && messages.length < size.messages) continue;
    if (size.tokens === undefined) return true;
    tokens ??= await countTokens([...messages]);
    if (tokens >= size.tokens) return true;
  }
  return false;
}

/** @throws MeanwhileError `INVALID_OPTION` */
export function checkSizes(
  given: HistorySize | readonly HistorySize[],
  name: string,
): readonly HistorySize[] {
  const sizes = Array.isArray(given) ? (given as readonly HistorySize[]) : [given as HistorySize];
  if (sizes.length > 0 && sizes.every(isSize)) return sizes;
  throw new MeanwhileError(
    "INVALID_OPTION",
    `${name} must say how many messages or tokens, as whole numbers from 1: { messages: 60 } or { tokens: 50_000 }.`,
  );
}

function isSize(size: HistorySize): boolean {
  const given = [size?.messages, size?.tokens].filter((number) => number !== undefined);
  return given.length > 0 && given.every((number) => Number.isSafeInteger(number) && number > 0);
}
