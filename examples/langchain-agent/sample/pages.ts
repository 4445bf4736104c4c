const topics: Readonly<Record<string, string>> = {
  tides: "Twice a day the sea rises and falls, and the moon is the reason.",
  "high-water": "High water comes fifty minutes later every day.",
  "low-water": "At low water the sea floor falls dry for miles on a flat coast.",
  "spring-tides": "At new and full moon sun and moon pull together.",
  "neap-tides": "At half moon they pull across each other, and the range is small.",
  moon: "Its pull on the near side of the sea is stronger than on the far side.",
  sun: "It is far away, yet its pull is almost half as strong.",
  harbours: "Ships of deep draught leave harbours with the high water.",
  currents: "Where a bay fills and empties through a strait, the current is strong.",
  "tide-tables": "A table gives the times and heights of a year for one harbour.",
  gauges: "A float in a pipe rises and falls with the sea, but not with its waves.",
  mills: "Tide mills ground corn for a thousand years.",
};
const names = Object.keys(topics);

/** The pages of a small site by their paths; each links to others, and one of the links is wrong. */
export const pages: ReadonlyMap<string, string> = new Map([
  ["/", page("The tides", "All about the tides.", names)],
  ...names.map((name, index): [string, string] => {
    const next = [1, 3, 5].map((step) => names[(index + step) % names.length] ?? "");
    const links = name === "spring-tides" ? [...next, "neap-tide"] : next;
    return [`/${name}`, page(name, topics[name] ?? "", links)];
  }),
]);

function page(title: string, text: string, links: readonly string[]): string {
  const list = links.map((name) => `<a href="/${name}">${name}</a>`).join(" ");
  return `<!doctype html><title>${title}</title><p>${text}</p><nav>${list}</nav>`;
}
