/** Asks the server to do something to a task. Gives what went wrong, for the user, if anything. */
export async function sendCommand(address: string, body: object): Promise<string | undefined> {
  try {
    const response = await fetch(address, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (response.ok) return undefined;
    const { error } = (await response.json()) as { error: { message: string } };
    return error.message;
  } catch {
    return "The server cannot be reached. Try again.";
  }
}
