import { stripVTControlCharacters, styleText } from "node:util";
import { startParagraph } from "./paragraph.ts";

/** Somebody who is speaking. */
export interface Voice {
  say(words: string): void;
  end(): void;
}

/** What happens, in lines that scroll, each with its time and who it is about. */
export interface Story {
  /** A whole line. While somebody speaks, it waits until that is said. */
  tell(who: Who, text: string): void;
  /** Words as they come; of two who speak at once, the second one's when all are there. */
  speak(who: Who): Voice;
}

const styles = {
  user: ["bold", "blue"],
  agent: ["bold", "green"],
  call: "green",
  task: "cyan",
  asks: "yellow",
  note: "dim",
} as const satisfies Record<string, Parameters<typeof styleText>[0]>;

export type Who = keyof typeof styles;

const margin = 14;

/** Without a terminal the lines are not broken, and have no colours. */
export function openStory(output: NodeJS.WriteStream): Story {
  const began = performance.now();
  const waiting: (() => void)[] = [];
  let isSpoken = false;

  function begin(who: Who): Voice {
    const time = ((performance.now() - began) / 1_000).toFixed(1).padStart(5);
    const name = (who === "call" ? "agent" : who).padEnd(margin - 7);
    output.write(
      `${styleText("dim", time, { stream: output })}  ${styleText(styles[who], name, { stream: output })}`,
    );
    // A terminal that does not say how wide it is has 0.
    const columns = (output.isTTY && output.columns) || Number.POSITIVE_INFINITY;
    const paragraph = startParagraph((text) => output.write(text), { columns, indent: margin });
    return { say: (words) => paragraph.write(clean(words)), end: () => paragraph.end() };
  }

  function tell(who: Who, text: string): void {
    if (isSpoken) return void waiting.push(() => tell(who, text));
    const voice = begin(who);
    voice.say(text);
    voice.end();
  }

  function speak(who: Who): Voice {
    if (isSpoken) {
      let text = "";
      return {
        say(words) {
          text += words;
        },
        end: () => tell(who, text),
      };
    }
    isSpoken = true;
    const voice = begin(who);
    return {
      say: voice.say,
      end() {
        voice.end();
        isSpoken = false;
        for (const line of waiting.splice(0)) line();
      },
    };
  }

  return { tell, speak };
}

/** A model may say anything: no control sequence of its gets to the terminal. */
function clean(text: string): string {
  return stripVTControlCharacters(text).replaceAll(/[^\P{Cc}\n]/gu, "");
}
