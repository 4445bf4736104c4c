import { notFound } from "next/navigation";
import type { ReactNode } from "react";
import { modelName } from "../../../agent/model.ts";
import { ChatPage } from "../../../components/chat-page.tsx";
import { findChat, listChats } from "../../../server/chats.ts";
import { currentVisitor } from "../../../server/current-visitor.ts";

export default async function Page({
  params,
}: {
  readonly params: Promise<{ readonly id: string }>;
}): Promise<ReactNode> {
  const visitor = await currentVisitor();
  const { id } = await params;
  const chat = findChat(visitor, id);
  if (chat === undefined) notFound();
  return (
    <ChatPage
      key={id}
      id={id}
      chats={listChats(visitor)}
      messages={chat.messages()}
      model={modelName()}
    />
  );
}
