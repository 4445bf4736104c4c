import type { ReactNode } from "react";

const suggestions = [
  ["Download the report and check the project", "Two tasks at once"],
  ["Research the tides", "An agent with tasks of its own"],
  ["Deploy the project", "A command that asks you first"],
  ["Show the hostile file", "Output that tries to break out"],
] as const;

/** What a chat shows before anything was said. */
export function Welcome({ onSay }: { readonly onSay: (text: string) => void }): ReactNode {
  return (
    <div className="welcome">
      <h2>What shall run while we talk?</h2>
      <p>Slow work goes on in the background. You are told when it is done.</p>
      <ul className="suggestions">
        {suggestions.map(([text, about]) => (
          <li key={text}>
            <button type="button" onClick={() => onSay(text)}>
              <span>{text}</span>
              <small>{about}</small>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
