import { type StructuredToolInterface, tool } from "@langchain/core/tools";
import { interrupt } from "@langchain/langgraph";
import { z } from "zod";

/** A tool that asks a person before it does anything. */
export function eraseTool(erased: string[] = []): StructuredToolInterface {
  return tool(
    ({ what }: { what: string }) => {
      const isAllowed = interrupt({ ask: `erase ${what}?` });
      if (isAllowed !== true) return "refused";
      erased.push(what);
      return "erased";
    },
    { name: "erase", description: "Erases.", schema: z.object({ what: z.string() }) },
  ) as unknown as StructuredToolInterface;
}
