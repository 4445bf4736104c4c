import { type Delivery, MeanwhileError } from "@meanwhile/core";

/**
 * Acknowledges what a saved thread holds. `lost`: another receiver has it, or the manager closes,
 * so that it comes again and is acknowledged then, since the thread knows it by its id.
 */
export async function acknowledge(delivery: Delivery): Promise<"done" | "lost" | "try-again"> {
  try {
    await delivery.ack();
    return "done";
  } catch (error) {
    const isOver =
      MeanwhileError.isInstance(error, "LEASE_LOST") || MeanwhileError.isInstance(error, "CLOSED");
    return isOver ? "lost" : "try-again";
  }
}

/** Gives back what no thread holds. Where storage fails, the end of the lease does. */
export async function giveBack(delivery: Delivery): Promise<void> {
  await delivery.release().catch(() => {});
}
