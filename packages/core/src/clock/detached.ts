import { AsyncResource } from "node:async_hooks";

/** Made when the package is loaded, so that it carries nobody's async context. */
const outside = new AsyncResource("meanwhile");

/** The callback, called outside the async context of whoever happens to cause the call. */
export function detached(callback: () => void): () => void {
  return () => outside.runInAsyncScope(callback);
}
