import type { ReactNode } from "react";
import type { ChatEntry } from "../server/chats.ts";
import { ChatList } from "./chat-list.tsx";

/** The list of chats, where there is room for it. */
export function Sidebar(props: {
  readonly chats: readonly ChatEntry[];
  readonly current: string;
}): ReactNode {
  return (
    <aside className="sidebar">
      <ChatList {...props} />
    </aside>
  );
}
