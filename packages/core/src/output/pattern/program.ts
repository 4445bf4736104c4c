import type { CharacterSet } from "./character-set.ts";
import { refusal } from "./scanner.ts";
import type { Assertion, Syntax } from "./syntax.ts";

/** Most instructions of a program. */
const largestProgram = 2_000;

/** An instruction; `next` and the like are indexes of others. */
export type Instruction =
  | { readonly type: "set"; readonly set: CharacterSet; next: number }
  | { readonly type: "assertion"; readonly assertion: Assertion; next: number }
  | { readonly type: "split"; next: number; other: number }
  | { readonly type: "match" };

/** A nondeterministic automaton; begins at `start`. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly start: number;
}

/**
 * Compiles from the back, so that each part knows what follows it (Thompson's construction). A
 * counted repeat is written out, which is why its size has a limit.
 *
 * @throws MeanwhileError `INVALID_INPUT` when the program is too large.
 */
export function compileProgram(syntax: Syntax, source: string): Program {
  const instructions: Instruction[] = [{ type: "match" }];

  function emit(instruction: Instruction): number {
    if (instructions.length >= largestProgram) {
      throw refusal(source, "is too large once its counts are written out; make them smaller");
    }
    return instructions.push(instruction) - 1;
  }

  function compile(part: Syntax, next: number): number {
    switch (part.type) {
      case "set":
        return emit({ type: "set", set: part.set, next });
      case "assertion":
        return emit({ type: "assertion", assertion: part.assertion, next });
      case "sequence":
        return part.parts.reduceRight((after, one) => compile(one, after), next);
      case "choice":
        return part.options
          .map((option) => compile(option, next))
          .reduceRight((other, option) => emit({ type: "split", next: option, other }));
      case "repeat":
        return compileRepeat(part, next);
    }
  }

  function compileRepeat(
    { part, least, most }: Extract<Syntax, { type: "repeat" }>,
    next: number,
  ): number {
    let start = next;
    if (most === Number.POSITIVE_INFINITY) {
      const loop: Instruction = { type: "split", next, other: next };
      start = emit(loop);
      loop.next = compile(part, start);
    } else {
      for (let count = least; count < most; count += 1) {
        start = emit({ type: "split", next: compile(part, start), other: next });
      }
    }
    for (let count = 0; count < least; count += 1) start = compile(part, start);
    return start;
  }

  return { start: compile(syntax, 0), instructions };
}
