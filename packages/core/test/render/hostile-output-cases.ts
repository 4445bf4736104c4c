import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";

/** What a program prints, and how that is to be shown. */
export interface HostileOutput {
  readonly id: string;
  readonly class: string;
  readonly note: string;
  readonly text: string;
  readonly bytes: Buffer;
  readonly expect: {
    readonly rendered: string | { length: number; starts: string; ends: string; contains: string };
    readonly stripped: number;
    readonly invisible: number;
    readonly redacted: number;
  };
}

interface StoredOutput extends Omit<HostileOutput, "text" | "bytes"> {
  readonly encoding?: "base64";
  readonly input: string | { $repeat: [string, number] } | { $seqLines: number };
}

const fixture = new URL("../fixtures/hostile-outputs.json", import.meta.url);
const stored = JSON.parse(readFileSync(fixture, "utf8")) as StoredOutput[];

export const hostileOutputs: readonly HostileOutput[] = stored.map(
  ({ input, encoding, ...rest }) => {
    const given = textOf(input);
    const bytes = Buffer.from(given, encoding ?? "utf8");
    return { ...rest, text: encoding === undefined ? given : bytes.toString(), bytes };
  },
);

/** The values that the cases take for known. */
export const knownValues: readonly string[] = ["sk-proj-AbCdEf0123456789AbCdEf"];

function textOf(input: StoredOutput["input"]): string {
  if (typeof input === "string") return input;
  return "$repeat" in input
    ? input.$repeat[0].repeat(input.$repeat[1])
    : Array.from({ length: input.$seqLines }, (_, index) => `line ${index}`).join("\n");
}
