import { registerHooks } from "node:module";

/** Preloaded before a block of the README, where models are named: gives it one without a key. */
registerHooks({
  resolve(specifier, context, next) {
    return specifier === "@langchain/openai"
      ? { url: new URL("./readme-openai.ts", import.meta.url).href, shortCircuit: true }
      : next(specifier, context);
  },
});
