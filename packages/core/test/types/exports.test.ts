import { expect, test } from "vitest";

/** What each entry of the package gives at run time: nothing more, nothing less. */
const entries: readonly (readonly [string, readonly string[]])[] = [
  [
    "@meanwhile/core",
    [
      "BackgroundManager",
      "MeanwhileError",
      "bubblewrap",
      "command",
      "commandPolicy",
      "curlGet",
      "defineTask",
      "download",
      "downloadTask",
      "embeddedDispatcher",
      "gitReadOnly",
      "memoryStore",
      "nodeTest",
      "npmTest",
      "readOnly",
      "sandboxRuntime",
      "systemFolders",
      "tarCreate",
      "tarExtract",
      "tarList",
    ],
  ],
  ["@meanwhile/core/sqlite", ["sqliteStore"]],
  ["@meanwhile/core/testing", ["testDispatcher", "testStore", "virtualClock"]],
];

test.each(entries)("%s exports what it says", async (entry, names) => {
  expect(Object.keys(await import(entry)).toSorted()).toEqual(names);
});
