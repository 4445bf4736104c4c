"use client";

import type { TaskData } from "@meanwhile/ai-sdk";
import { type ReactNode, useLayoutEffect, useRef } from "react";

/** The end of what a command printed. Its room is there before it prints, so that nothing jumps. */
export function Tail({ task }: { readonly task: TaskData }): ReactNode {
  const element = useRef<HTMLPreElement>(null);
  const { tail, name, title } = task;
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is new text that is scrolled to
  useLayoutEffect(() => {
    if (element.current !== null) element.current.scrollTop = element.current.scrollHeight;
  }, [tail]);
  if (name !== "command" && tail === "") return null;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
    <pre ref={element} className="tail" tabIndex={0} role="region" aria-label={`Output of ${title}`}>
      {tail}
    </pre>
  );
}
