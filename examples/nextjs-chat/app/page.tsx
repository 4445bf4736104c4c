import { redirect } from "next/navigation";
import { freshChat } from "../server/chats.ts";
import { currentVisitor } from "../server/current-visitor.ts";

/** A new chat. */
export default async function Page(): Promise<never> {
  redirect(`/chat/${freshChat(await currentVisitor())}`);
}
