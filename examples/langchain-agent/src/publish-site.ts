import { chooseModel } from "kit/choose-model";
import type { Story } from "kit/story";
import { watchModel } from "kit/watch-model";
import { watchTasks } from "kit/watch-tasks";
import { startSiteServer } from "../sample/server.ts";
import { siteScript } from "../script/site-script.ts";
import { summaryScript } from "../script/summary-script.ts";
import { createSiteAgent } from "./agent.ts";
import { converse, type Line } from "./conversation.ts";
import { personAtTerminal, slowPerson } from "./person.ts";
import { watchHistory } from "./watch-history.ts";

export interface SiteOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly story: Story;
  readonly signal: AbortSignal;
}

/** The agent, from the user's first line to the last result told. */
export async function publishSite({ env, story, signal }: SiteOptions): Promise<void> {
  await using server = await startSiteServer(Number(env["SLOWNESS"] ?? 1));
  const site = createSiteAgent({
    model: await chooseModel(env, siteScript),
    summariser: await chooseModel(env, summaryScript),
    callbacks: [watchHistory(story), watchModel(story)],
  });
  const { manager } = site;
  watchTasks(manager, story, () => true);
  manager.on("wake-retry", ({ delayMs, error }) => {
    const why = error === undefined ? "first a person is asked" : String(error);
    story.tell("note", `a wake is put off for ${delayMs / 1_000} s: ${why}`);
  });
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY;
  const person = isTerminal
    ? personAtTerminal(story)
    : slowPerson(manager, manager.session("site"), story);
  try {
    await converse({ ...site, lines: linesFor(server.url), person, story, signal });
  } finally {
    await manager.close();
  }
}

function linesFor(url: string): Line[] {
  return [
    {
      text: `Check the links of ${url} and build its search index. When the index is built, publish the site.`,
      patienceMs: 300,
    },
    { text: "What is a search index good for?", patienceMs: 300 },
    { text: "And why do links break?", patienceMs: 300 },
    { text: "Is the site public now?" },
  ];
}
