import type { TaskContext } from "../task/context.ts";
import type { Representation } from "./answer.ts";

/** What the next attempt must know of the part file to go on with it. */
export interface DownloadCheckpoint extends Representation {
  readonly url: string;
  /** Path of the part file. How many bytes there are is for the file itself to say. */
  readonly part: string;
  /** Given once every byte is there and right: only the file's name was left to do. */
  readonly sha256: string | null;
}

/** What an earlier attempt saved, if it was about the same URL and the same part file. */
export function readCheckpoint(
  { checkpoint }: TaskContext,
  url: string,
  part: string,
): DownloadCheckpoint | undefined {
  const saved = checkpoint.read() as DownloadCheckpoint | undefined;
  return saved?.url === url && saved.part === part ? saved : undefined;
}
