import type { Random } from "../clock/clock.ts";

/** No vowels and no look-alikes: ids that a model copies right and that spell no word. */
const alphabet: readonly number[] = [..."23456789bcdfghjkmnpqrstvwxyz"].map((letter) =>
  letter.charCodeAt(0),
);
const letters: number = alphabet.length;
const runLetters = 6;
const idsOfRun: number = letters ** 4;

/**
 * Makes ids like `t_k4x9bd2223`: a prefix of two characters, six that are drawn at random for a run
 * of 614,656 ids, and four that count. Neighbours in time are neighbours in an index, so that a
 * commit of a hundred tasks touches a few of its pages and not a hundred.
 */
export function createIds(random: Random): (prefix: `${string}_`) => string {
  const run = new Array<number>(runLetters).fill(0);
  let count = 0;
  return (prefix) => {
    if (count % idsOfRun === 0) drawRun(run, random);
    const [a, b, c, d, e, f] = run as [number, number, number, number, number, number];
    const last = letterAt(count);
    const third = letterAt(count / letters);
    const second = letterAt(count / letters ** 2);
    const first = letterAt(count / letters ** 3);
    count += 1;
    const [p, q] = [prefix.charCodeAt(0), prefix.charCodeAt(1)];
    // In one step: pieced together it would be a chain of strings until it is first used.
    return String.fromCharCode(p, q, a, b, c, d, e, f, first, second, third, last);
  };
}

function drawRun(run: number[], random: Random): void {
  for (let place = 0; place < runLetters; place += 1) run[place] = letterAt(random() * letters);
}

function letterAt(number: number): number {
  return alphabet[Math.floor(number) % letters] as number;
}
