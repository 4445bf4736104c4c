import { statSync } from "node:fs";
import { MeanwhileError } from "../errors.ts";
import type { Engine } from "../manager/engine.ts";
import { readBytes, readOutput } from "./reader.ts";
import { createOutputWriter, type OutputWriter } from "./writer.ts";

/** What one attempt prints: through us, or through another process into a file of the task's. */
export interface AttemptOutput {
  /** Written through us so far, by earlier attempts too. */
  readonly bytes: number;
  /** Bytes that there are, whoever wrote them. */
  size(): number;
  /** @throws MeanwhileError `INVALID_OPTION` for a name that leads out of the task's folder */
  useFile(name: string): void;
  write(chunk: string | Uint8Array): Promise<void>;
  /** So that a reader in this process sees everything that was written before it asked. */
  flush(): Promise<void>;
  /** A piece of what is in the file by now, as it is. */
  read(after: number, maxBytes: number): Promise<Buffer>;
  /** Closes the file and gives the end of what is in it; never rejects. */
  end(): Promise<string | null>;
}

const tailBytes = 4_096;
const insideName = /^[A-Za-z0-9][A-Za-z0-9._-]*(\/[A-Za-z0-9][A-Za-z0-9._-]*)*$/;

export function createAttemptOutput(engine: Engine, taskId: string): AttemptOutput {
  const { files, options } = engine;
  let writer: OutputWriter | undefined;
  let file = "output";

  return {
    get bytes() {
      return writer?.bytes ?? 0;
    },
    size() {
      if (writer !== undefined) return writer.bytes;
      // Not asynchronous: a trip to the thread pool costs more than the call.
      return statSync(files.path(taskId, file), { throwIfNoEntry: false })?.size ?? 0;
    },
    useFile(name) {
      if (!insideName.test(name)) {
        throw new MeanwhileError(
          "INVALID_OPTION",
          `outputFile takes a path inside the task's folder, of letters, digits, ".", "_", "-" and "/"; got ${JSON.stringify(name)}.`,
        );
      }
      file = name;
    },
    write(chunk) {
      writer ??= createOutputWriter(
        async () => `${await files.folder(taskId)}/output`,
        options.outputBytes,
      );
      return writer.write(chunk);
    },
    async flush() {
      await writer?.flush();
    },
    read: (after, maxBytes) => readBytes(files.path(taskId, file), after, maxBytes),
    async end() {
      try {
        await writer?.close();
      } catch (error) {
        engine.events.emit({ type: "store-error", error });
      }
      try {
        if (this.size() === 0) return null;
        const state = { settled: false, capBytes: options.outputBytes };
        const wanted = { maxBytes: tailBytes, tail: true, wholeLines: true };
        const { text } = await readOutput(files.path(taskId, file), wanted, state);
        return text === "" ? null : text;
      } catch (error) {
        engine.events.emit({ type: "store-error", error });
        return null;
      }
    },
  };
}
