"use client";

import type { TaskData } from "@meanwhile/ai-sdk";
import { type ReactNode, useLayoutEffect, useRef } from "react";

/** The end of what a command printed. Its room is there before it prints, so that nothing jumps. */
export function Tail({ task }: { readonly task: TaskData }): ReactNode {
  const element = useRef<HTMLElement>(null);
  const { tail, name, title } = task;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is new text that is scrolled to
  useLayoutEffect(() => {
    if (element.current !== null) element.current.scrollTop = element.current.scrollHeight;
  }, [tail]);
  if (name !== "command" && tail === "") return null;
  return (
    <section ref={element} className="tail" aria-label={`Output of ${title}`}>
      <pre>{tail}</pre>
    </section>
  );
}
