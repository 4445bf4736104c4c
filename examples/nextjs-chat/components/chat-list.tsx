import Link from "next/link";
import type { ReactNode } from "react";
import type { ChatEntry } from "../server/chats.ts";
import { Logo, PlusIcon } from "./icons.tsx";

export function ChatList({
  chats,
  current,
}: {
  readonly chats: readonly ChatEntry[];
  readonly current: string;
}): ReactNode {
  return (
    <nav className="chat-list" aria-label="Chats">
      <p className="brand">
        <Logo />
        meanwhile
      </p>
      <Link className="new-chat" href="/" prefetch={false}>
        <PlusIcon />
        New chat
      </Link>
      <ul>
        {chats.map(({ id, title }) => (
          <li key={id}>
            <Link
              href={`/chat/${id}`}
              prefetch={false}
              aria-current={id === current ? "page" : undefined}
            >
              {title}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
