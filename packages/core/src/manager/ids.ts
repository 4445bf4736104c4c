import type { Random } from "../clock/clock.ts";

/** No vowels and no look-alikes: ids that a model copies right and that spell no word. */
const alphabet: readonly number[] = [..."23456789bcdfghjkmnpqrstvwxyz"].map((letter) =>
  letter.charCodeAt(0),
);
const letters: number = alphabet.length;

/** Makes ids like `t_k4x9…`: a prefix of two characters, then 12 that hold 57 random bits. */
export function createIds(random: Random): (prefix: `${string}_`) => string {
  const codes = new Array<number>(12);
  return (prefix) => {
    for (let half = 0; half < 12; half += 6) {
      let rest = Math.floor(random() * letters ** 6);
      for (let place = half; place < half + 6; place += 1) {
        codes[place] = alphabet[rest % letters] as number;
        rest = Math.floor(rest / letters);
      }
    }
    const [a, b, c, d, e, f, g, h, i, j, k, l] = codes as CodesOfId;
    // In one step: pieced together it would be a chain of strings until it is first used.
    return String.fromCharCode(
      prefix.charCodeAt(0),
      prefix.charCodeAt(1),
      a,
      b,
      c,
      d,
      e,
      f,
      g,
      h,
      i,
      j,
      k,
      l,
    );
  };
}

type Four = [number, number, number, number];
type CodesOfId = [...Four, ...Four, ...Four];
