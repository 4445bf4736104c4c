import { readFileSync } from "node:fs";

/** A hostile command with the outcome that is expected of each way to run it. */
export interface HostileCase {
  readonly id: string;
  readonly note: string;
  readonly class: string;
  readonly argv: readonly string[];
  readonly shell: string;
  readonly env: Readonly<Record<string, string>> | undefined;
  readonly expect: { readonly argv: string; readonly allowlist: string; readonly shell: string };
}

/** Texts may be spelled as parts, so that the file stays small. */
type Text = string | { $concat: readonly Text[] } | { $repeat: readonly [string, number] };

interface StoredCase extends Pick<HostileCase, "id" | "note" | "class" | "expect"> {
  readonly input: {
    readonly argv: readonly Text[];
    readonly shell: Text;
    readonly env?: Readonly<Record<string, string>>;
  };
}

const file = new URL("../../fixtures/hostile-commands.json", import.meta.url);
const stored: readonly StoredCase[] = JSON.parse(readFileSync(file, "utf8"));

export const hostileCases: readonly HostileCase[] = stored.map(({ input, ...rest }) => ({
  ...rest,
  argv: input.argv.map(toText),
  shell: toText(input.shell),
  env: input.env,
}));

function toText(text: Text): string {
  if (typeof text !== "object" || text === null) return text;
  if ("$concat" in text) return text.$concat.map(toText).join("");
  const [unit, times] = text.$repeat;
  return unit.repeat(times);
}
