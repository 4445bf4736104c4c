import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";

const nearPixels = 48;

/** Keeps the end of what is scrolled in view, unless the user has scrolled away from it. */
export function useStickToEnd(): {
  readonly scroller: RefObject<HTMLElement | null>;
  readonly content: RefObject<HTMLOListElement | null>;
  readonly isAtEnd: boolean;
  readonly scrollToEnd: () => void;
} {
  const scroller = useRef<HTMLElement>(null);
  const content = useRef<HTMLOListElement>(null);
  const sticks = useRef(true);
  const [isAtEnd, setIsAtEnd] = useState(true);

  const scrollToEnd = useCallback((): void => {
    const element = scroller.current;
    if (element !== null) element.scrollTop = element.scrollHeight;
  }, []);

  useLayoutEffect(scrollToEnd, [scrollToEnd]);

  useEffect(() => {
    const element = scroller.current;
    if (element === null || content.current === null) return;
    let lastTop = element.scrollTop;
    const onScroll = (): void => {
      const { scrollHeight, scrollTop, clientHeight } = element;
      // Only who scrolls up leaves the end; it may also move away by itself.
      if (scrollHeight - scrollTop - clientHeight < nearPixels) sticks.current = true;
      else if (scrollTop < lastTop) sticks.current = false;
      lastTop = scrollTop;
      setIsAtEnd(sticks.current);
    };
    const observer = new ResizeObserver(() => {
      if (sticks.current) scrollToEnd();
    });
    observer.observe(content.current);
    observer.observe(element);
    element.addEventListener("scroll", onScroll, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", onScroll);
    };
  }, [scrollToEnd]);

  return { scroller, content, isAtEnd, scrollToEnd };
}
