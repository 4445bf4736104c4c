import type { Random } from "../clock/clock.ts";

/** No vowels and no look-alikes: ids that a model copies right and that spell no word. */
const alphabet = "23456789bcdfghjkmnpqrstvwxyz";

/** Makes ids like `t_k4x9…`: 12 characters, 57 random bits. */
export function createIds(random: Random): (prefix: string) => string {
  return (prefix) => {
    let id = prefix;
    for (let half = 0; half < 2; half += 1) {
      let rest = Math.floor(random() * alphabet.length ** 6);
      for (let place = 0; place < 6; place += 1) {
        id += alphabet[rest % alphabet.length];
        rest = Math.floor(rest / alphabet.length);
      }
    }
    return id;
  };
}
