import { stripVTControlCharacters, styleText } from "node:util";
import type { AgentEvent } from "./agent.ts";
import type { Screen } from "./screen.ts";
import { wrap } from "./wrap.ts";

const margin = 14;

/** Writes down who says what, and when: `began` is a time of `performance.now()`. */
export function createTranscript(screen: Screen, began: number) {
  function write(who: string, text: string, style: Parameters<typeof styleText>[0]): void {
    const time = ((performance.now() - began) / 1_000).toFixed(1).padStart(5);
    const lines = screen.isLive ? wrap(clean(text), screen.columns - margin - 1) : [clean(text)];
    const indent = `\n${" ".repeat(margin)}`;
    screen.print(
      `${styleText("dim", time)}  ${styleText(style, who.padEnd(margin - 7))}${lines.join(indent)}`,
    );
  }

  return {
    note: (text: string) => write("·", text, "dim"),
    event(event: AgentEvent): void {
      if (event.type === "heard") write("user", event.line.text, ["bold", "blue"]);
      if (event.type === "said") write("agent", event.text, ["bold", "green"]);
      if (event.type === "called") write("agent", `→ ${event.tool} ${event.input}`, "green");
      if (event.type === "news") {
        const { kind, title } = event.notification;
        write("news", `${kind}: ${title}`, "yellow");
      }
    },
  };
}

/** A model may say anything: no control sequence of its gets to the terminal. */
function clean(text: string): string {
  // A checksum is for machines.
  const shortened = text.replaceAll(/\b([0-9a-f]{8})[0-9a-f]{56}\b/g, "$1…");
  return stripVTControlCharacters(shortened).replaceAll(/[^\P{Cc}\n]/gu, "");
}
