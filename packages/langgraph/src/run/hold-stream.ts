import { IterableReadableStream } from "@langchain/core/utils/stream";

/**
 * A stream as the graph made it, which says when it was read to its end, has failed, or was left.
 *
 * @param over called once, and awaited before the reader sees the end
 */
export function holdStream<Chunk>(
  chunks: AsyncIterable<Chunk>,
  over: () => Promise<void>,
): IterableReadableStream<Chunk> {
  const reader = chunks[Symbol.asyncIterator]();
  return new IterableReadableStream<Chunk>({
    async pull(controller) {
      try {
        const { value, done } = await reader.next();
        if (done !== true) return controller.enqueue(value);
      } catch (error) {
        await over();
        throw error;
      }
      await over();
      controller.close();
    },
    async cancel(reason) {
      try {
        await reader.return?.(reason);
      } finally {
        await over();
      }
    },
  });
}
