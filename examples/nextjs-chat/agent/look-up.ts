import { setTimeout as sleep } from "node:timers/promises";
import { defineTask } from "@meanwhile/core";
import { z } from "zod";

const steps = 10;

/** A slow look at one source; a stand-in for a search of yours. */
export const lookUp = defineTask({
  name: "look_up",
  description: "Looks up one aspect of a topic. Takes a few seconds.",
  input: z.object({ topic: z.string(), aspect: z.string() }),
  title: ({ topic, aspect }) => `${topic}: ${aspect}`,
  recover: "restart",
  async run({ topic, aspect }, { signal, report }) {
    for (let completed = 1; completed <= steps; completed += 1) {
      await sleep(300, undefined, { signal });
      report({ completed, total: steps });
    }
    return `The ${aspect} of ${topic}: well described, and three sources agree.`;
  },
});
