import { convertToModelMessages, type ModelMessage, type ToolSet, type UIMessage } from "ai";

/**
 * A chat's messages as the model gets them. Calls of tools that have no result when the user speaks
 * again, since they were aborted or not approved, are left out: no provider takes them there.
 */
export async function toModel(
  chat: readonly UIMessage[],
  tools: ToolSet | undefined,
): Promise<ModelMessage[]> {
  const end = chat.findLastIndex(({ role }) => role === "user") + 1;
  const options = tools === undefined ? {} : { tools };
  const [before, after] = await Promise.all([
    convertToModelMessages(chat.slice(0, end), { ...options, ignoreIncompleteToolCalls: true }),
    convertToModelMessages(chat.slice(end), options),
  ]);
  return [...before, ...after];
}
