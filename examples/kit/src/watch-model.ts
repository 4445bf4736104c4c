import { BaseCallbackHandler } from "@langchain/core/callbacks/base";
import { AIMessage } from "@langchain/core/messages";
import type { LLMResult } from "@langchain/core/outputs";
import type { Story, Voice } from "./story.ts";

/** For the `callbacks` of a run: tells what the model says, word by word, and what it calls. */
export function watchModel(story: Story): BaseCallbackHandler {
  return new ModelWatch(story);
}

class ModelWatch extends BaseCallbackHandler {
  readonly name = "story";
  /** Words reach us as they come, also where the graph is only invoked. */
  readonly lc_prefer_streaming = true;
  /** What is told stays in order. */
  override awaitHandlers = true;
  readonly #voices = new Map<string, Voice>();
  readonly #story: Story;

  constructor(story: Story) {
    super();
    this.#story = story;
  }

  override handleLLMNewToken(words: string, _place: unknown, run: string): void {
    if (words === "") return;
    let voice = this.#voices.get(run);
    if (voice === undefined) {
      voice = this.#story.speak("agent");
      this.#voices.set(run, voice);
    }
    voice.say(words);
  }

  override handleLLMEnd({ generations }: LLMResult, run: string): void {
    this.#end(run);
    const [generation] = generations.flat();
    if (generation === undefined || !("message" in generation)) return;
    const { message } = generation;
    if (!AIMessage.isInstance(message)) return;
    for (const { name, args } of message.tool_calls ?? []) {
      this.#story.tell("call", `→ ${name} ${JSON.stringify(args)}`);
    }
  }

  override handleLLMError(_error: unknown, run: string): void {
    this.#end(run);
  }

  #end(run: string): void {
    this.#voices.get(run)?.end();
    this.#voices.delete(run);
  }
}
