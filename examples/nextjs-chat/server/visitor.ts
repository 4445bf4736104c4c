/** The cookie that says whose chats these are. Whoever knows its value has them. */
export const visitorCookie = "visitor";

/** What we give out, and nothing else: 32 bytes in hex. */
export function isVisitor(value: string | undefined): value is string {
  return value !== undefined && /^[0-9a-f]{64}$/.test(value);
}
