"use client";

import { type KeyboardEvent, type ReactNode, useRef, useState } from "react";
import { SendIcon } from "./icons.tsx";

const maxChars = 8_000;

/** Where the user writes. It stays usable whatever else goes on. */
export function Composer({ onSay }: { readonly onSay: (text: string) => void }): ReactNode {
  const [text, setText] = useState("");
  const field = useRef<HTMLTextAreaElement>(null);

  function send(): void {
    if (text.trim() === "") return;
    onSay(text.trim());
    setText("");
    field.current?.focus();
  }

  function onKeyDown(event: KeyboardEvent): void {
    // While an input method composes a word, Enter ends that.
    if (event.key !== "Enter" || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label className="visually-hidden" htmlFor="message">
        Message
      </label>
      <textarea
        id="message"
        ref={field}
        rows={1}
        maxLength={maxChars}
        placeholder="Ask for something slow"
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" aria-label="Send" disabled={text.trim() === ""}>
        <SendIcon />
      </button>
    </form>
  );
}
