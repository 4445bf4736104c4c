/** The messages of a task as they come, from the first one on. */
export async function* taskMessages(source: {
  readonly read: (after: number) => Promise<readonly string[]>;
  readonly ended: () => boolean;
  /** Resolves when there may be more, or the attempt has ended. */
  readonly wait: () => Promise<void>;
}): AsyncGenerator<string, void, undefined> {
  let after = 0;
  while (!source.ended()) {
    // Registered before reading, so that a message that comes in between is not missed.
    const more = source.wait();
    const messages = await source.read(after);
    for (const message of messages) {
      if (source.ended()) return;
      yield message;
    }
    after += messages.length;
    if (messages.length === 0) await more;
  }
}
