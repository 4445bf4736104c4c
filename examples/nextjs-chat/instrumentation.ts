/** Next calls this when the server starts. */
export async function register(): Promise<void> {
  if (process.env["NEXT_RUNTIME"] !== "nodejs") return;
  const { startAgent } = await import("./agent/start-agent.ts");
  startAgent();
}
