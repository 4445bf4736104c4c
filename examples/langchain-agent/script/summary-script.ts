import type { Script } from "kit/scripted-model";

/** Condenses a conversation to what the user wants, and what was started for it. */
export const summaryScript: Script = (heard) => {
  const conversation = heard.at(-1)?.text ?? "";
  const [, wish = ""] = /^Human: (.*)$/m.exec(conversation) ?? [];
  const started = conversation.match(/^Tool: .*in the background/gm)?.length ?? 0;
  return { text: `The user asked: "${wish}" ${started} tasks were started in the background.` };
};
