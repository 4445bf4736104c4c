import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { openStory } from "../src/story.ts";

function open() {
  let text = "";
  const output = new Writable({
    write(chunk: Buffer, _encoding, done) {
      text += chunk.toString();
      done();
    },
  });
  return {
    story: openStory(output as unknown as NodeJS.WriteStream),
    lines: () => text.replaceAll(/^ +[\d.]+ {2}/gm, "").split("\n"),
  };
}

test("what is told while somebody speaks stands behind what is said", () => {
  const { story, lines } = open();

  const voice = story.speak("agent");
  voice.say("Downloading ");
  story.tell("task", "brest.csv: started");
  voice.say("it.");
  voice.end();

  expect(lines()).toEqual(["agent  Downloading it.", "task   brest.csv: started", ""]);
});

test("of two who speak at once, the second is heard when all is said", () => {
  const { story, lines } = open();

  const first = story.speak("agent");
  const second = story.speak("agent");
  first.say("one ");
  second.say("a ");
  second.say("b");
  second.end();
  first.say("two");
  first.end();

  expect(lines()).toEqual(["agent  one two", "agent  a b", ""]);
});

test("no control sequence of a model's gets to the terminal", () => {
  const { story, lines } = open();

  story.tell("agent", "a\x1b[2Jb\x07c");

  expect(lines()).toEqual(["agent  abc", ""]);
});
