import { isIdList } from "./state.ts";
import type { ThreadConfig } from "./thread-session.ts";

/** What is used of a checkpointer. */
interface Saver {
  getTuple(
    config: object,
  ): Promise<
    | { readonly checkpoint?: { readonly channel_values?: Readonly<Record<string, unknown>> } }
    | undefined
  >;
}

/**
 * Ids of the notifications that the thread's latest checkpoint holds, asked while a run goes on.
 * None where the run has no checkpointer, or that cannot say.
 */
export async function savedIds(config: ThreadConfig | undefined): Promise<readonly string[]> {
  const saver = config?.configurable?.["__pregel_checkpointer"];
  if (!isSaver(saver)) return [];
  try {
    const tuple = await saver.getTuple({
      configurable: { thread_id: config?.configurable?.["thread_id"], checkpoint_ns: "" },
    });
    const ids = tuple?.checkpoint?.channel_values?.["_meanwhile"];
    return isIdList(ids) ? ids : [];
  } catch {
    // The run itself fails where it must save. This was only a look.
    return [];
  }
}

function isSaver(value: unknown): value is Saver {
  return typeof value === "object" && value !== null && "getTuple" in value;
}
