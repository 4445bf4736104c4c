import type { LanguageModel } from "ai";

/** One thing that a request says, in the order in which it says it. */
export type Item =
  | { readonly is: "user" | "assistant"; readonly text: string }
  | { readonly is: "call" | "result"; readonly id: string };

export interface Answer {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly input: object }[];
  /** Called, and awaited, before it answers. */
  readonly meanwhile?: () => unknown;
}

export interface WireModel {
  readonly model: LanguageModel;
  /** The messages of each request, as they went over the wire. */
  readonly requests: (readonly unknown[])[];
}

/** A provider of the AI SDK's, whose server is played by a script. */
export interface Provider {
  readonly name: string;
  open(answers: readonly Answer[]): WireModel;
  /** @throws where the provider's server would refuse the form */
  items(messages: readonly unknown[]): Item[];
}

/** A model whose requests are answered here. `key` is where a request has its messages. */
export function serve(
  answers: readonly Answer[],
  key: string,
  body: (answer: Answer, number: number) => object,
  make: (fetch: typeof globalThis.fetch) => LanguageModel,
): WireModel {
  const requests: (readonly unknown[])[] = [];
  const model = make(async (_url, init) => {
    const request = JSON.parse(String(init?.body)) as Record<string, unknown[]>;
    requests.push(request[key] ?? []);
    const answer = answers[requests.length - 1];
    if (answer === undefined) throw new Error(`The script has only ${answers.length} answers.`);
    await answer.meanwhile?.();
    return Response.json(body(answer, requests.length));
  });
  return { model, requests };
}
