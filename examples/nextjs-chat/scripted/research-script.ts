import { unanswered } from "./heard.ts";
import type { Script } from "./scripted-model.ts";

const aspects = ["history", "causes", "uses"];

/** A researcher that looks three aspects up at once, and puts them together. */
export const researchScript: Script = (heard) => {
  const topic = heard.find(({ from }) => from === "user")?.text ?? "";
  const fresh = unanswered(heard);
  if (fresh.some(({ from }) => from === "user")) {
    return { calls: aspects.map((aspect) => ({ tool: "look_up", input: { topic, aspect } })) };
  }
  const told = heard.filter(({ from }) => from === "task").length;
  if (told < aspects.length) return { text: `${told} of ${aspects.length} looked up.` };
  return { text: `${aspects.length} aspects of ${topic} were looked up, and the sources agree.` };
};
