import OpenAI from "openai";
import { startModelServer } from "./model-server.ts";
import { reply } from "./scripted-model.ts";

export interface Model extends AsyncDisposable {
  readonly client: OpenAI;
  readonly name: string;
  /** For people. */
  readonly description: string;
}

/** A real model where the environment names one, else a scripted one behind a loopback server. */
export async function connectModel(env: NodeJS.ProcessEnv): Promise<Model> {
  const { OPENAI_API_KEY: apiKey, OPENAI_BASE_URL: baseURL, OPENAI_MODEL: name } = env;
  if (apiKey || baseURL) {
    const model = name || "gpt-5-mini";
    return {
      // A model on one's own machine asks for no key, but the client does.
      client: new OpenAI({ apiKey: apiKey || "none", baseURL: baseURL || undefined }),
      name: model,
      description: `${model} at ${baseURL || "api.openai.com"}`,
      [Symbol.asyncDispose]: async () => {},
    };
  }
  const server = await startModelServer(reply, { latencyMs: 600 });
  return {
    client: new OpenAI({ apiKey: "none", baseURL: server.url }),
    name: "scripted",
    description: "scripted, behind the OpenAI wire format (OPENAI_API_KEY brings a real one)",
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
