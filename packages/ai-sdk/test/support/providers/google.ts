import { createGoogle } from "@ai-sdk/google";
import { type Answer, type Item, type Provider, serve } from "./provider.ts";

interface Part {
  readonly text?: string;
  readonly functionCall?: object;
  readonly functionResponse?: object;
}

interface Turn {
  readonly role: "user" | "model";
  readonly parts: readonly Part[];
}

export const google: Provider = {
  name: "Google",
  open: (answers) =>
    serve(answers, "contents", body, (fetch) =>
      createGoogle({ apiKey: "none", fetch })("gemini-2.5-flash"),
    ),
  items(messages) {
    const turns = messages as readonly Turn[];
    for (const [index, turn] of turns.entries()) refuseUnequal(turn, turns[index + 1]);
    let calls = 0;
    let results = 0;
    // It knows calls by their place.
    return turns.flatMap(({ role, parts }) =>
      parts.map(({ text = "", functionCall, functionResponse }): Item => {
        if (functionCall !== undefined) return { is: "call", id: `${calls++}` };
        if (functionResponse !== undefined) return { is: "result", id: `${results++}` };
        return { is: role === "user" ? "user" : "assistant", text };
      }),
    );
  },
};

function body({ text, calls = [] }: Answer): object {
  const parts = [
    ...(text === undefined ? [] : [{ text }]),
    ...calls.map(({ name, input }) => ({ functionCall: { name, args: input } })),
  ];
  return {
    candidates: [{ content: { role: "model", parts }, finishReason: "STOP" }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
}

function refuseUnequal({ parts }: Turn, next: Turn | undefined): void {
  const calls = parts.filter(({ functionCall }) => functionCall !== undefined).length;
  if (calls === 0) return;
  const answers = next?.parts.filter(({ functionResponse }) => functionResponse !== undefined);
  if (answers?.length === calls) return;
  throw new Error("400: the function responses do not equal the function calls");
}
