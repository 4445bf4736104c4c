import { z } from "zod";

/** What the page sends when the user says something: the new message alone, of nothing but text. */
export const question = z.object({
  id: z.string().max(100),
  message: z.object({
    id: z.string().min(1).max(100),
    role: z.literal("user"),
    parts: z
      .array(z.object({ type: z.literal("text"), text: z.string().min(1).max(8_000) }))
      .min(1)
      .max(4),
  }),
});
