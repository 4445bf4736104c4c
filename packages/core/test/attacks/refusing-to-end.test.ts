import { describe } from "vitest";
import { testRefusals } from "./refusing-to-end.ts";

describe("programs that refuse to end, in the containment of this machine", () => {
  testRefusals((containment) => containment !== null);
});
