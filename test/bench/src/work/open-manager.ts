import { BackgroundManager, type ManagerOptions } from "@meanwhile/core";

const unlimited = 100_000_000;

/** An open manager whose limits are in nobody's way but for how many tasks run at a time. */
export async function openManager(
  folder: string,
  atATime: number,
  options: ManagerOptions = {},
): Promise<BackgroundManager> {
  const manager = new BackgroundManager({
    directory: `${folder}/output`,
    limits: {
      concurrency: atATime,
      queued: unlimited,
      perSession: { concurrency: atATime, queued: unlimited },
    },
    retention: { tasks: unlimited },
    ...options,
  });
  await manager.open();
  return manager;
}
