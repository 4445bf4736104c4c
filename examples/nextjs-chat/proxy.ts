import { randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import { isVisitor, visitorCookie } from "./server/visitor.ts";

/** Pages only: an endpoint knows visitors, and makes none. */
export const config = { matcher: ["/", "/chat/:path*"] };

/** Gives who comes without a cookie one that no script and no other site can use. */
export function proxy(request: NextRequest): NextResponse {
  if (isVisitor(request.cookies.get(visitorCookie)?.value)) return NextResponse.next();
  const visitor = randomBytes(32).toString("hex");
  // The page that is asked for now shall know it already.
  request.cookies.set(visitorCookie, visitor);
  const response = NextResponse.next({ request: { headers: request.headers } });
  response.cookies.set(visitorCookie, visitor, {
    httpOnly: true,
    sameSite: "lax",
    secure: request.nextUrl.protocol === "https:",
    maxAge: 30 * 24 * 60 * 60,
    path: "/",
  });
  return response;
}
