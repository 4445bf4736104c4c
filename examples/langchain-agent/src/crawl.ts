export interface Visit {
  readonly path: string;
  readonly isThere: boolean;
  readonly html: string;
  readonly links: readonly string[];
  /** How many pages are known so far. */
  readonly known: number;
}

/** Visits every page of a site once, one after the other, by the links between them. */
export async function* crawl(url: string, signal: AbortSignal | undefined): AsyncGenerator<Visit> {
  const known = new Set(["/"]);
  for (const path of known) {
    const response = await fetch(new URL(path, url), signal === undefined ? {} : { signal });
    const html = await response.text();
    const links = [...html.matchAll(/href="([^"]+)"/g)].map(([, link = ""]) => link);
    for (const link of links) known.add(link);
    yield { path, isThere: response.ok, html, links, known: known.size };
  }
}
