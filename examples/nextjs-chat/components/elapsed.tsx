"use client";

import { type ReactNode, useSyncExternalStore } from "react";

/** How long it has taken so far, or took. */
export function Elapsed({
  from,
  until,
}: {
  readonly from: number | null;
  readonly until: number | null;
}): ReactNode {
  const now = useSyncExternalStore(subscribe, second, none);
  if (from === null) return null;
  const end = until ?? (now === undefined ? undefined : now * 1_000);
  return (
    <span className="elapsed" role="timer" aria-live="off">
      {end === undefined ? "" : text(Math.max(Math.round((end - from) / 1_000), 0))}
    </span>
  );
}

function subscribe(listener: () => void): () => void {
  const timer = setInterval(listener, 500);
  return () => clearInterval(timer);
}

const second = (): number => Math.floor(Date.now() / 1_000);

/** The server's clock is not the browser's: what depends on it is not drawn there. */
const none = (): undefined => undefined;

function text(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0
    ? `${seconds}s`
    : `${minutes}m ${(seconds % 60).toString().padStart(2, "0")}s`;
}
