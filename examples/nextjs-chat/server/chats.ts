import { createHash, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { ChatMessage, Missed } from "../agent/chat-message.ts";
import { chatTitle } from "./chat-title.ts";
import { singleton } from "./singleton.ts";
import { stateFolder } from "./state-folder.ts";

export interface ChatEntry {
  readonly id: string;
  readonly title: string;
}

export interface StoredChat {
  readonly id: string;
  messages(): ChatMessage[];
  /** Adds the message, or replaces the one with its id; gives all. */
  save(message: ChatMessage): ChatMessage[];
  /** What comes after the message of that id, or all, if it is not the one of that number. */
  after(id: string, count: number): Missed;
}

/** The chat, if it is the visitor's. */
export function findChat(visitor: string, id: string): StoredChat | undefined {
  const row = database()
    .prepare("SELECT id FROM chats WHERE id = ? AND visitor = ?")
    .get(id, hash(visitor));
  return row === undefined ? undefined : storedChat(id);
}

/** A chat of the visitor's in which nothing was said yet. */
export function freshChat(visitor: string): string {
  const empty = database()
    .prepare("SELECT id FROM chats WHERE visitor = ? AND title = '' LIMIT 1")
    .get(hash(visitor));
  if (typeof empty?.["id"] === "string") return empty["id"];
  const id = randomUUID();
  database()
    .prepare("INSERT INTO chats (id, visitor, title, at) VALUES (?, ?, '', ?)")
    .run(id, hash(visitor), Date.now());
  return id;
}

/** The visitor's chats in which something was said, the last one first. */
export function listChats(visitor: string): ChatEntry[] {
  return database()
    .prepare("SELECT id, title FROM chats WHERE visitor = ? AND title <> '' ORDER BY at DESC")
    .all(hash(visitor))
    .map(({ id, title }) => ({ id: String(id), title: String(title) }));
}

/** The chats whose last message is the user's: the process died before it was answered. */
export function unansweredChats(): string[] {
  return database()
    .prepare(
      `SELECT chat FROM messages AS last WHERE json_extract(message, '$.role') = 'user' AND NOT
       EXISTS (SELECT 1 FROM messages WHERE chat = last.chat AND position > last.position)`,
    )
    .all()
    .map(({ chat }) => String(chat));
}

/** The chat, whoever it belongs to. */
export function storedChat(id: string): StoredChat {
  const messages = (): ChatMessage[] =>
    database()
      .prepare("SELECT message FROM messages WHERE chat = ? ORDER BY position")
      .all(id)
      .map(({ message }) => JSON.parse(String(message)) as ChatMessage);

  return {
    id,
    messages,
    save(message) {
      database()
        .prepare(
          `INSERT INTO messages (chat, id, message) VALUES (?, ?, ?)
           ON CONFLICT (chat, id) DO UPDATE SET message = excluded.message`,
        )
        .run(id, message.id, JSON.stringify(message));
      database()
        .prepare("UPDATE chats SET title = iif(title = '', ?, title), at = ? WHERE id = ?")
        .run(chatTitle(message), Date.now(), id);
      return messages();
    },
    after(known, count) {
      const all = messages();
      return all[count - 1]?.id === known
        ? { after: known, messages: all.slice(count) }
        : { after: null, messages: all };
    },
  };
}

/** Who reads the database cannot pose as a visitor. */
function hash(visitor: string): string {
  return createHash("sha256").update(visitor).digest("hex");
}

function database(): DatabaseSync {
  return singleton("database", () => {
    mkdirSync(stateFolder, { recursive: true, mode: 0o700 });
    const opened = new DatabaseSync(join(stateFolder, "chats.db"));
    opened.exec(`
      PRAGMA journal_mode = WAL;
      CREATE TABLE IF NOT EXISTS chats (
        id TEXT PRIMARY KEY, visitor TEXT NOT NULL, title TEXT NOT NULL, at INTEGER NOT NULL
      );
      CREATE INDEX IF NOT EXISTS chats_of ON chats (visitor, at);
      CREATE TABLE IF NOT EXISTS messages (
        position INTEGER PRIMARY KEY, chat TEXT NOT NULL, id TEXT NOT NULL, message TEXT NOT NULL,
        UNIQUE (chat, id)
      );
    `);
    return opened;
  });
}
