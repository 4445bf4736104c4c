"use client";

import { type ReactNode, useRef } from "react";
import { toggleTheme } from "../client/theme.ts";
import type { ChatEntry } from "../server/chats.ts";
import { ChatList } from "./chat-list.tsx";
import { CloseIcon, MenuIcon, ThemeIcon } from "./icons.tsx";

/** The bar above a chat. On narrow screens it opens the list of chats. */
export function Header({
  chats,
  current,
  model,
}: {
  readonly chats: readonly ChatEntry[];
  readonly current: string;
  readonly model: string;
}): ReactNode {
  const menu = useRef<HTMLDialogElement>(null);
  const title = chats.find(({ id }) => id === current)?.title ?? "New chat";
  return (
    <header className="header">
      <button
        type="button"
        className="icon-button narrow-only"
        aria-label="Chats"
        onClick={() => menu.current?.showModal()}
      >
        <MenuIcon />
      </button>
      <h1 className="header-title">{title}</h1>
      <span className="badge">{model}</span>
      <button
        type="button"
        className="icon-button"
        aria-label="Turn light or dark"
        onClick={toggleTheme}
      >
        <ThemeIcon />
      </button>
      <dialog ref={menu} className="menu" aria-label="Chats" closedby="any">
        <button
          type="button"
          className="icon-button menu-close"
          aria-label="Close"
          onClick={() => menu.current?.close()}
        >
          <CloseIcon />
        </button>
        <ChatList chats={chats} current={current} />
      </dialog>
    </header>
  );
}
