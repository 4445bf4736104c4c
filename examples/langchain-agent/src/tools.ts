import { defineTask } from "@meanwhile/core";
import { tool } from "langchain";
import { z } from "zod";
import { crawl } from "./crawl.ts";

const Site = z.object({ url: z.url().describe("Where the site is, such as http://127.0.0.1:80.") });

const tries = 6;

/** A tool as LangChain knows it. `backgroundable` makes it one that the model need not wait for. */
export const checkLinks = tool(
  async ({ url }, { signal }: { signal?: AbortSignal }) => {
    const links: { from: string; to: string }[] = [];
    const missing = new Set<string>();
    for await (const visit of crawl(url, signal)) {
      for (const to of visit.links) links.push({ from: visit.path, to });
      if (!visit.isThere) missing.add(visit.path);
    }
    // It may have been a bad moment.
    for (const path of missing) {
      for (let attempt = 2; attempt <= tries && missing.has(path); attempt += 1) {
        const { ok } = await fetch(new URL(path, url), signal === undefined ? {} : { signal });
        if (ok) missing.delete(path);
      }
    }
    const broken = links.filter(({ to }) => missing.has(to));
    const list = broken.map(({ from, to }) => `${from} links to ${to}`).join(", ");
    return `${links.length} links checked, ${broken.length} broken: ${list}`;
  },
  {
    name: "check_links",
    description: "Follows every link of a site and says which are broken.",
    schema: Site,
  },
);

/** A task of its own: it shows how far it is, and its tool always runs in the background. */
export const buildIndex = defineTask({
  name: "build_index",
  description: "Builds the search index of a site. Returns how many pages and words it holds.",
  input: Site,
  title: () => "Search index",
  run: async ({ url }, { signal, report }) => {
    const pagesOf = new Map<string, Set<string>>();
    let visited = 0;
    let pages = 0;
    for await (const { path, isThere, html, known } of crawl(url, signal)) {
      report({ completed: ++visited, total: known });
      if (!isThere) continue;
      pages += 1;
      for (const [word] of html
        .replaceAll(/<[^>]+>/g, " ")
        .toLowerCase()
        .matchAll(/[a-z]+/g)) {
        pagesOf.set(word, (pagesOf.get(word) ?? new Set()).add(path));
      }
    }
    return { pages, words: pagesOf.size };
  },
});

/** Cannot be taken back, so a person is asked. */
export const publish = tool(async ({ url }) => (await fetch(url, { method: "POST" })).text(), {
  name: "publish",
  description: "Makes a site public.",
  schema: Site,
});
