import type { ToolSet, UIMessageChunk } from "ai";

/** The calls of tools that run here and have no result yet, as a turn's chunks tell of them. */
export interface OpenTools {
  see(chunk: UIMessageChunk): void;
  /** What ends them in the message: the turn is over, so nobody carries them out. */
  ends(): readonly UIMessageChunk[];
}

export function openTools(tools: ToolSet | undefined): OpenTools {
  const open = new Set<string>();
  return {
    see(chunk) {
      if (chunk.type === "tool-input-available") {
        const isElsewhere = tools?.[chunk.toolName] && !tools[chunk.toolName]?.execute;
        if (!isElsewhere) open.add(chunk.toolCallId);
      } else if ("toolCallId" in chunk && chunk.type !== "tool-input-start") {
        if (!("preliminary" in chunk && chunk.preliminary)) open.delete(chunk.toolCallId);
      }
    },
    ends() {
      const chunks = [...open].map((toolCallId) => ({
        type: "tool-output-error" as const,
        toolCallId,
        errorText: "It was aborted before it had a result. What it had done may have taken effect.",
      }));
      open.clear();
      return chunks;
    },
  };
}
