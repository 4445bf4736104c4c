/** Calls a listener. What it throws, or its promise rejects with, reaches `onError` and nobody else. */
export function callListener<Event>(
  listener: (event: Event) => unknown,
  event: Event,
  onError: (error: unknown) => void,
): void {
  try {
    const answer = listener(event);
    if (answer instanceof Promise) answer.catch(onError);
  } catch (error) {
    onError(error);
  }
}
