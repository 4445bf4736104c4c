import { glob, readFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type AnyDefinition,
  type CommandPolicy,
  command,
  commandPolicy,
  defineTask,
  downloadTask,
} from "@meanwhile/core";
import { z } from "zod";
import type { Model } from "./model.ts";

const repository = join(import.meta.dirname, "../../..");

export interface TaskOptions {
  readonly model: Model;
  /** Where downloads go. */
  readonly directory: string;
  /** `host:port` of the download server: a private address, so it has to be named. */
  readonly fileHost: string;
}

/** What the agent may start. Definitions are known by name, so a restart takes their tasks up. */
export function defineTasks({ model, directory, fileHost }: TaskOptions): AnyDefinition[] {
  return [downloadTask({ directory, allowPrivate: [fileHost] }), command, summarise(model)];
}

/** One program with one exact list of arguments; all else is refused. */
export function allowHashing(): CommandPolicy {
  return commandPolicy({
    root: repository,
    commands: { node: { arguments: [["examples/demo/src/hash-files.mjs"]] } },
  });
}

const notOurs = ["**/node_modules", "**/dist", "**/CHANGELOG.md"];
const mostDocuments = 6;

interface Summary {
  readonly document: string;
  readonly summary: string;
}

/** A function of our own that takes its time: it asks the model about one document after another. */
function summarise({ client, name }: Model) {
  return defineTask({
    name: "summarise",
    description: "Summarises the documents (*.md) of the repository, each in a sentence.",
    input: z.object({ most: z.int().min(1).max(mostDocuments).default(mostDocuments) }),
    title: () => "Summarise the documents",
    recover: "restart",
    run: async ({ most }, { checkpoint, report, signal }) => {
      const documents = (await listDocuments()).slice(0, most);
      // After a restart, what was paid for is not asked for again.
      const done = [...((checkpoint.read() as Summary[] | undefined) ?? [])];
      report({ completed: done.length, total: documents.length });
      for (const document of documents.slice(done.length)) {
        const text = await readFile(join(repository, document), "utf8");
        const { choices } = await client.chat.completions.create(
          {
            model: name,
            messages: [
              { role: "system", content: "Summarise the document in one short sentence." },
              { role: "user", content: text.slice(0, 4_000) },
            ],
          },
          { signal },
        );
        done.push({ document, summary: choices[0]?.message.content ?? "" });
        await checkpoint.save(done);
        report({ completed: done.length, total: documents.length });
      }
      return done;
    },
  });
}

async function listDocuments(): Promise<string[]> {
  const files = glob("**/*.md", { cwd: repository, exclude: notOurs });
  return (await Array.fromAsync(files)).sort();
}
