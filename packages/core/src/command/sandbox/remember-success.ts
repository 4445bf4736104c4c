/** Makes an attempt once and shares its result. One that failed is made again when next asked. */
export function rememberSuccess<Result>(attempt: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | undefined;
  return () => {
    made ??= attempt().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}
