import { AbstractChat, type ChatState, type ChatTransport, type UIMessage } from "ai";

/** A chat as `useChat` has it, without React. */
export class ClientChat<Message extends UIMessage> extends AbstractChat<Message> {
  readonly #changes: Set<() => void>;

  constructor(id: string, transport: ChatTransport<Message>, messages: Message[] = []) {
    const changes = new Set<() => void>();
    super({
      id,
      transport,
      state: stateOf(messages, () => [...changes].map((change) => change())),
    });
    this.#changes = changes;
  }

  /** Resolves when the chat is as the test wants it. */
  async until(isSo: (chat: this) => boolean): Promise<void> {
    const done = Promise.withResolvers<void>();
    const look = (): void => {
      if (isSo(this)) done.resolve();
    };
    this.#changes.add(look);
    look();
    await done.promise;
    this.#changes.delete(look);
  }

  /** The messages as short lines: `user:text`, `assistant:text|text`. */
  get lines(): string[] {
    return this.messages.map(
      ({ role, parts }) =>
        `${role}:${parts.flatMap((part) => (part.type === "text" ? [part.text] : [])).join("|")}`,
    );
  }
}

function stateOf<Message extends UIMessage>(
  initial: Message[],
  changed: () => void,
): ChatState<Message> {
  let messages = initial;
  let status: ChatState<Message>["status"] = "ready";
  const set = (next: Message[]): void => {
    messages = next;
    changed();
  };
  return {
    error: undefined,
    get status() {
      return status;
    },
    set status(next) {
      status = next;
      changed();
    },
    get messages() {
      return messages;
    },
    set messages(next) {
      set(next);
    },
    pushMessage: (message) => set([...messages, message]),
    popMessage: () => set(messages.slice(0, -1)),
    replaceMessage: (index, message) => set(messages.with(index, message)),
    snapshot: (thing) => structuredClone(thing),
  };
}
