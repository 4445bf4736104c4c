import { cookies } from "next/headers";
import { isVisitor, visitorCookie } from "./visitor.ts";

/** Who looks at the page: `proxy.ts` has given them a cookie. */
export async function currentVisitor(): Promise<string> {
  const visitor = (await cookies()).get(visitorCookie)?.value;
  if (!isVisitor(visitor)) throw new Error("A page was asked for past proxy.ts.");
  return visitor;
}
