import Link from "next/link";
import type { ReactNode } from "react";

export default function NotFound(): ReactNode {
  return (
    <main className="not-found">
      <h1>There is no such chat</h1>
      <p>It may belong to another browser, or its address is incomplete.</p>
      <Link className="button" href="/" prefetch={false}>
        Start a new chat
      </Link>
    </main>
  );
}
